#define CAF_SUITE closed_incidents

#include "xprober/verdict/closed_incidents.hpp"

#include <chrono>
#include <vector>

#include "caf/test/unit_test.hpp"

namespace closed_incidents_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

constexpr wall_time noon{1'767'268'800s};

incident closed(std::uint64_t id, wall_time opened) {
  incident made;
  made.id = id;
  made.closed = opened;
  made.target_keys = {5};
  made.penalty.add_opening(opened);
  return made;
}

std::size_t count(const closed_incidents& all) {
  std::size_t found = 0;
  all.for_each([&](const incident_track&) { ++found; });
  return found;
}

} // namespace

CAF_TEST(what is met again has the highest penalty that is left) {
  closed_incidents all;
  all.keep(closed(1, noon - 20min));
  all.keep(closed(2, noon));
  finding lead;
  lead.targets = {5};
  const std::map<std::uint64_t, name_overlap> met{{1, {0, 1}}, {2, {0, 1}}, {9, {0, 1}}};
  CAF_CHECK(all.penalty_left(lead, met, noon) == closed(2, noon).penalty);
  CAF_CHECK(all.penalty_left(lead, {}, noon) == flap_penalty{});
}

CAF_TEST(what counts no more is forgotten) {
  closed_incidents all;
  all.keep(closed(1, noon));
  CAF_CHECK(!all.forget(noon + 15min));
  CAF_CHECK(all.forget(noon + 1h));
  CAF_CHECK_EQUAL(count(all), 0u);
}

CAF_TEST(what was closed while the clock was ahead is forgotten in time) {
  closed_incidents all;
  all.keep(closed(1, noon + 24h));
  CAF_CHECK(!all.forget(noon));
  CAF_CHECK(all.forget(noon + 1h));
}

CAF_TEST(of too many the oldest go) {
  closed_incidents all;
  for (std::uint64_t id = 1; id <= closed_incidents::most + 3; ++id) {
    all.keep(closed(id, noon));
  }
  CAF_CHECK(all.forget(noon));
  CAF_CHECK_EQUAL(count(all), closed_incidents::most);
}

} // namespace closed_incidents_suite
