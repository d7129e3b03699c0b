#define CAF_SUITE incident_record

#include "xprober/storage/incident_record.hpp"

#include <chrono>

#include "storage/incident_samples.hpp"

#include "caf/test/unit_test.hpp"

namespace incident_record_suite {

using namespace xprober;
using namespace xprober::storage;

CAF_TEST(an incident comes back as it was) {
  const auto what = test::sample_incident(7);
  const auto read = read_incident(incident_record(what));
  CAF_REQUIRE(read);
  CAF_CHECK(*read == what);
  const auto empty = read_incident(incident_record(incident{}));
  CAF_REQUIRE(empty);
  CAF_CHECK(*empty == incident{});
}

CAF_TEST(what receivers are told has no timeline and no keys) {
  const auto read = read_incident(incident_record(test::sample_incident(7), false));
  CAF_REQUIRE(read);
  CAF_CHECK(read->timeline.empty());
  CAF_CHECK(read->source_keys.empty());
  CAF_CHECK(read->target_keys.empty());
  CAF_CHECK(read->summary == test::sample_incident(7).summary);
}

CAF_TEST(a record of the first version does not say what is counted) {
  const auto what = test::sample_incident(7);
  const auto whole = incident_record(what);
  const auto read = read_incident('\x01' + whole.substr(1, whole.size() - 2));
  CAF_REQUIRE(read);
  CAF_CHECK(read->ends == incident_ends::sources_and_targets);
  CAF_CHECK(read->penalty == what.penalty);
}

CAF_TEST(a mute comes back as it was) {
  const auto what = test::sample_mute();
  const auto read = read_mute(mute_record(what));
  CAF_REQUIRE(read);
  CAF_CHECK(*read == what);
}

CAF_TEST(bytes that are no record are refused wherever they end) {
  const auto whole = incident_record(test::sample_incident(7));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAF_CHECK(!read_incident(whole.substr(0, size)));
  }
  const auto later = std::string(1, '\x03') + whole.substr(1);
  CAF_CHECK(!read_incident(later));
  auto kind = whole;
  kind[2] = '\x09'; // after version and id
  CAF_CHECK(!read_incident(kind));
  for (std::size_t i = 1; i < whole.size(); ++i) {
    auto changed = whole;
    changed[i] = '\xff';
    read_incident(changed); // whatever it is: it neither ends the process nor takes all memory
  }
}

} // namespace incident_record_suite
