#define CAF_SUITE agent_silence

#include "xprober/domain/targets/agent_silence.hpp"

#include <cstdint>
#include <limits>

#include "caf/test/unit_test.hpp"

namespace agent_silence_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

agent_report every(std::uint64_t ms) {
  agent_report about;
  about.sync_interval_ms = ms;
  return about;
}

constexpr auto longest = std::numeric_limits<std::uint64_t>::max();

} // namespace

CAF_TEST(how soon an agent is late depends on how often it asks) {
  CAF_CHECK(late_after(every(0)) == 15s);
  CAF_CHECK(late_after(every(10'000)) == 30s);
  CAF_CHECK(late_after(every(500)) == 15s);
  CAF_CHECK(late_after(every(longest)) == 72h);
}

CAF_TEST(who asks less often than the lease lasts is not lost in between) {
  CAF_CHECK(lost_after(every(0), 60s) == 60s);
  CAF_CHECK(lost_after(every(5'000), 60s) == 60s);
  CAF_CHECK(lost_after(every(500), 3s) == 3s);
  CAF_CHECK(lost_after(every(60'000), 60s) == 180s);
  CAF_CHECK(lost_after(every(longest), 60s) == 1h);
  CAF_CHECK(lost_after(every(longest), 2h) == 2h);
}

} // namespace agent_silence_suite
