#define CAF_SUITE neighbour_watch

#include "xprober/probes/stream/neighbour_watch.hpp"

#include "caf/test/unit_test.hpp"

namespace neighbour_watch_suite {

using namespace xprober;
using namespace xprober::stream;
using namespace std::chrono_literals;

namespace {

const auto host4 = boost::asio::ip::make_address("192.0.2.1");
const auto host6 = boost::asio::ip::make_address("fe80::1%7");

struct fixture {
  neighbour_table table{.entries = 10, .limit = 1024, .refusals = 7};
  neighbour_state state = neighbour_state::none;
  int asked = 0;
  ip_address asked_for;
  std::uint32_t asked_on = 0;
  ip_family full = ip_family::ip4;
  neighbour_watch watch{{.table =
                             [this](ip_family family) {
                               auto told = table;
                               told.refusals = family == full ? table.refusals : 0;
                               return std::optional{told};
                             },
                         .state =
                             [this](const ip_address& to, std::uint32_t on) {
                               ++asked;
                               asked_for = to;
                               asked_on = on;
                               return state;
                             }}};
  monotonic_time start{1h};

  std::string kept_back(const boost::asio::ip::address& to = host4) {
    return watch.kept_back(to, start, start + 2s);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(neighbour_watch_tests, fixture)

CAF_TEST(where nothing was refused the kernel is not asked) {
  CAF_CHECK_EQUAL(kept_back(), "");
  CAF_CHECK_EQUAL(asked, 0);
}

CAF_TEST(a refusal while it was waited keeps back who has no entry) {
  table.refusals = 8;
  CAF_CHECK_EQUAL(kept_back(),
                  "the kernel's table of neighbours had no room (net.ipv4.neigh.default.gc_thresh3 "
                  "is 1024; it should be twice the number of neighbours that are probed)");
  CAF_CHECK_EQUAL(to_string(asked_for), "192.0.2.1");
  state = neighbour_state::asking;
  CAF_CHECK(!kept_back().empty());
  for (const auto other :
       {neighbour_state::known, neighbour_state::failed, neighbour_state::untold}) {
    state = other;
    CAF_CHECK_EQUAL(kept_back(), "");
  }
}

CAF_TEST(a refusal from before is none of this wait) {
  table.refusals = 8;
  watch.look(start - 1s);
  CAF_CHECK_EQUAL(kept_back(), "");
  CAF_CHECK_EQUAL(asked, 0);
  table.refusals = 9;
  watch.look(start + 1s);
  CAF_CHECK(!kept_back().empty());
}

CAF_TEST(each family has a table of its own) {
  full = ip_family::ip6;
  watch.look(start - 2s);
  table.refusals = 8;
  CAF_CHECK_EQUAL(kept_back(), "");
  const auto why = kept_back(host6);
  CAF_CHECK(why.find("net.ipv6.neigh") != std::string::npos);
  CAF_CHECK_EQUAL(to_string(asked_for), "fe80::1");
  CAF_CHECK_EQUAL(asked_on, 7U);
}

CAF_TEST(a kernel that says nothing is no excuse) {
  neighbour_watch silent{
      {.table = [](ip_family) { return std::optional<neighbour_table>{}; },
       .state = [](const ip_address&, std::uint32_t) { return neighbour_state::none; }}};
  CAF_CHECK_EQUAL(silent.kept_back(host4, start, start + 1s), "");
}

CAF_TEST(on the loopback interface there are no neighbours) {
  const auto here = parse_ip("127.0.0.1");
  CAF_CHECK(read_neighbour_state(*here, 0) == neighbour_state::untold);
  const auto here6 = parse_ip("::1");
  CAF_CHECK(read_neighbour_state(*here6, 0) == neighbour_state::untold);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace neighbour_watch_suite
