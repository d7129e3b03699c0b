#define CAF_SUITE failure_text

#include "xprober/probes/icmp/failure_text.hpp"

#include <vector>

#include "sides_fixture.hpp"

#include "caf/test/unit_test.hpp"

namespace failure_text_suite {

using namespace xprober;
using namespace xprober::icmp;
using namespace std::chrono_literals;

namespace {

struct fixture {
  boost::asio::io_context io;
  monotonic_time start{1h};
  probe_slot slot;

  fixture() {
    icmp_config config;
    config.deadline = 3s;
    slot.via = std::make_shared<lane>(config, 0s);
    slot.via->endpoints[0] = std::make_shared<endpoint>(io, echo_socket{});
    slot.address = parse_target("192.0.2.1").address;
    slot.begun = start;
    slot.probe.start(slot.via->plan, start, start + 3s);
    slot.probe.next(start);
  }
  bool says(probe_error error, const std::string& part) const {
    return failure_text(slot, error).find(part) != std::string::npos;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(failure_text_tests, fixture)

CAF_TEST(an overload says what was too slow) {
  constexpr auto overload = probe_error::local_overload;
  CAF_CHECK(says(overload, "no echo to 192.0.2.1 could be sent within 3000 ms"));
  slot.handed_at = start + 2s;
  CAF_CHECK(says(overload, "the first echo to 192.0.2.1 was given to the kernel too late and still "
                           "waits for its neighbour's address"));
  slot.handed_at = {};
  slot.probe.sent(start + 2s, true);
  CAF_CHECK(says(overload, "the first echo to 192.0.2.1 left too late"));
  slot.main().overflow = start + 1s;
  CAF_CHECK(says(overload, "receive buffer overflowed"));
}

CAF_TEST(a failure says how long was waited or what somebody said) {
  slot.probe.sent(start, true);
  CAF_CHECK(says(probe_error::no_reply, "no reply from 192.0.2.1 to 1 echoes within 1000 ms each"));
  slot.trouble = "a router's word";
  CAF_CHECK(says(probe_error::unreachable, "a router's word"));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace failure_text_suite
