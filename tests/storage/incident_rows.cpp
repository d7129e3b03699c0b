#define CAF_SUITE incident_rows

#include "xprober/storage/incident_rows.hpp"

#include <fstream>

#include "storage/folder.hpp"
#include "xprober/base/log.hpp"

#include "caf/test/dsl.hpp"

namespace incident_rows_suite {

using namespace xprober;
using namespace xprober::storage;

namespace {

constexpr std::int32_t mark = 1;
constexpr std::int32_t schema = 1;

incident_rows sample_rows() {
  incident_rows rows;
  rows.incidents = {{7, 1000, 0, 1, 2, 3, "one"}, {8, 1000, 2000, 1, 2, 9, "two"}};
  rows.queue = {{4, 1, 5, "three"}};
  rows.receivers = {{"a", 3}, {"b", 4}};
  rows.mutes = {{2, 9, "four"}};
  rows.last = {8, 4, 2};
  return rows;
}

} // namespace

CAF_TEST(what was put is rescued) {
  const test::folder folder;
  const auto path = folder.file("x.db");
  {
    database file{path, mark, schema};
    make_incident_tables(file, 0);
    put_rows(file, sample_rows());
    make_incident_tables(file, 100); // they are there: nothing changes
  }
  const auto found = rescue_incidents(path, mark, schema);
  CAF_REQUIRE_EQUAL(found.incidents.size(), 2u);
  CAF_CHECK_EQUAL(found.incidents[0].id, 8);
  CAF_CHECK_EQUAL(found.incidents[0].closed_ms, 2000);
  CAF_CHECK_EQUAL(found.incidents[0].queued, 9);
  CAF_CHECK(found.incidents[0].data == "two");
  CAF_REQUIRE_EQUAL(found.queue.size(), 1u);
  CAF_CHECK(found.queue[0].data == "three");
  CAF_REQUIRE_EQUAL(found.receivers.size(), 2u);
  CAF_CHECK_EQUAL(found.receivers[1].through, 4);
  CAF_REQUIRE_EQUAL(found.mutes.size(), 1u);
  CAF_CHECK_EQUAL(found.mutes[0].until_ms, 9);
  CAF_CHECK(found.last == sample_rows().last);
}

CAF_TEST(from what is no file nothing is rescued) {
  log::set_level(log::level::off);
  const test::folder folder;
  CAF_CHECK(rescue_incidents(folder.file("none.db"), mark, schema).incidents.empty());
  std::ofstream{folder.file("x.db")} << std::string(8192, 'x');
  CAF_CHECK(rescue_incidents(folder.file("x.db"), mark, schema).last.empty());
}

} // namespace incident_rows_suite
