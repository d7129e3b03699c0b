#define CAF_SUITE dialer

#include "xprober/probes/stream/dialer.hpp"

#include <cerrno>
#include <string>
#include <vector>

#include "probes/stream/kind_fixture.hpp"
#include "xprober/probes/stream/faults.hpp"

#include "caf/test/unit_test.hpp"

namespace dialer_suite {

using namespace xprober;
using namespace xprober::stream;
using namespace xprober::stream::test;
using namespace std::chrono_literals;

namespace {

struct fixture {
  xprober::dns::test::fake_server names{kind_fixture::respond};
  boost::asio::io_context io;
  xprober::dns::resolver resolver{io.get_executor(), {.servers = {names.address()}}};
  stream_counters counters;
  stall_watch stalls;
  neighbour_watch neighbours;
  reactor sockets{io};
  services use{io.get_executor(), sockets, resolver, counters, stalls, neighbours, {}, {}};
  connection over{sockets};
  probe_time time{io.get_executor(), stalls, [this] { over.abort(); }};
  dialer dial{use, time, over};
  std::shared_ptr<int> owner = std::make_shared<int>(0);
  dial_fault found;
  dial_fault made;

  void go(const std::string& host, std::uint16_t port, family_wish wish = {},
          milliseconds limit = 5s) {
    const auto now = monotonic_clock::now();
    time.begin(now, now + limit);
    spawn(
        io.get_executor(),
        [&, host, port, wish]() -> task<void> {
          found = co_await dial.resolve(host, wish);
          if (found.is_none() && dial.answer()) {
            made = co_await dial.connect(port, owner);
          }
          over.abort();
          time.wake();
          resolver.stop();
        },
        [](const std::exception_ptr&) {});
    sockets.end();
    io.run();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(dialer_tests, fixture)

CAF_TEST(a name and its second address) {
  script_server server{[](peer& client) { client.wait_closed(); }};
  go("fallback.test", server.port());
  CAF_CHECK(found.is_none());
  CAF_CHECK(made.is_none());
  CAF_CHECK_EQUAL(dial.address(), "127.0.0.1");
  CAF_CHECK_EQUAL(dial.answer()->addresses.size(), 2u);
  CAF_CHECK_EQUAL(counters.connections, 1u);
  CAF_CHECK_EQUAL(counters.resolves, 1u);
}

CAF_TEST(a numeric address needs no query) {
  script_server server{[](peer& client) { client.wait_closed(); }};
  go("127.0.0.1", server.port());
  CAF_CHECK(made.is_none());
  CAF_CHECK_EQUAL(counters.resolves, 0u);
}

CAF_TEST(every address that failed is named and the first is told) {
  std::uint16_t port = 0;
  {
    script_server gone{[](peer&) {}};
    port = gone.port();
  }
  go("fallback.test", port);
  CAF_CHECK_EQUAL(made.error, probe_error::refused);
  const auto text = std::to_string(port);
  CAF_CHECK_EQUAL(made.detail, "connect to 127.0.0.9:" + text +
                                   ": Connection refused; to 127.0.0.1:" + text +
                                   ": Connection refused");
  CAF_CHECK_EQUAL(dial.address(), "127.0.0.9");
}

CAF_TEST(all addresses are tried while there is time) {
  script_server server{[](peer& client) { client.wait_closed(); }};
  go("many.test", server.port());
  CAF_CHECK(found.is_none());
  CAF_CHECK(made.is_none());
  CAF_CHECK_EQUAL(dial.address(), "127.0.0.1");
  CAF_CHECK_EQUAL(dial.answer()->addresses.size(), 12u);
}

CAF_TEST(of many addresses the first are named and all are counted) {
  std::uint16_t port = 0;
  {
    script_server gone{[](peer&) {}};
    port = gone.port();
  }
  go("many.test", port);
  CAF_CHECK_EQUAL(made.error, probe_error::refused);
  CAF_CHECK(made.detail.starts_with("connect to 127.0.0.20:" + std::to_string(port)));
  CAF_CHECK(made.detail.ends_with(": Connection refused; to 4 more: none could be connected to; "
                                  "12 of 12 addresses were tried"));
}

CAF_TEST(the unspecified address is no host) {
  script_server server{[](peer& client) { client.wait_closed(); }};
  go("zero.test", server.port());
  CAF_CHECK_EQUAL(found.error, probe_error::resolve_no_address);
  CAF_CHECK_EQUAL(found.detail,
                  "zero.test: the name has no address that can be probed: 0.0.0.0 is the "
                  "unspecified address: it names no host");
  CAF_CHECK_EQUAL(counters.connections, 0u);
}

CAF_TEST(a name goes on with the address that is a host) {
  script_server server{[](peer& client) { client.wait_closed(); }};
  go("zerofirst.test", server.port());
  CAF_CHECK(made.is_none());
  CAF_CHECK_EQUAL(dial.address(), "127.0.0.1");
}

CAF_TEST(a numeric address of no host is a bad target) {
  for (const auto* host : {"0.0.0.0", "::", "::ffff:0.0.0.0", "224.0.0.1", "255.255.255.255"}) {
    fixture one;
    one.go(host, 80);
    CAF_CHECK_EQUAL(one.found.error, probe_error::bad_target);
  }
  fixture without;
  without.go("fe80::1", 80);
  CAF_CHECK_EQUAL(without.found.error, probe_error::bad_target);
  CAF_CHECK(without.found.detail.find("zone is missing") != std::string::npos);
  fixture unknown;
  unknown.go("fe80::1%nosuchif", 80);
  CAF_CHECK_EQUAL(unknown.found.error, probe_error::bad_target);
  CAF_CHECK(unknown.found.detail.find("no interface 'nosuchif'") != std::string::npos);
  fixture numbered; // an interface that is gone is not the one of the number it begins with
  numbered.go("fe80::1%1in4-wan", 80);
  CAF_CHECK_EQUAL(numbered.found.error, probe_error::bad_target);
  CAF_CHECK(numbered.found.detail.find("no interface '1in4-wan'") != std::string::npos);
  fixture right;
  right.go("fe80::1%lo", 80);
  CAF_CHECK(right.found.is_none());
}

CAF_TEST(what is denied is not connected to) {
  const auto limits = [](const std::vector<std::string>& denied) {
    return std::make_shared<const target_limits>(std::vector<std::string>{}, denied,
                                                 target_limits::key_names{});
  };
  script_server server{[](peer& client) { client.wait_closed(); }};
  fixture numeric;
  numeric.dial.limit(limits({"127.0.0.0/30"}));
  numeric.go("127.0.0.1", server.port());
  CAF_CHECK_EQUAL(numeric.found.error, probe_error::not_allowed);
  CAF_CHECK_EQUAL(numeric.found.detail, "127.0.0.1 is denied by denied_targets (127.0.0.0/30)");
  fixture resolved;
  resolved.dial.limit(limits({"loopback"}));
  resolved.go("fallback.test", server.port());
  CAF_CHECK_EQUAL(resolved.found.error, probe_error::not_allowed);
  CAF_CHECK_EQUAL(resolved.found.detail,
                  "fallback.test: 127.0.0.1 is denied by denied_targets (loopback)");
  fixture named;
  named.dial.limit(limits({"*.test"}));
  named.go("fallback.test", server.port());
  CAF_CHECK_EQUAL(named.found.error, probe_error::not_allowed);
  CAF_CHECK_EQUAL(named.counters.resolves, 0u);
  fixture other; // of several addresses the others are left
  other.dial.limit(limits({"127.0.0.9"}));
  other.go("fallback.test", server.port());
  CAF_CHECK(other.made.is_none());
  CAF_CHECK_EQUAL(other.dial.address(), "127.0.0.1");
  for (const auto* one : {&numeric, &resolved, &named}) {
    CAF_CHECK_EQUAL(one->counters.connections, 0u);
  }
}

CAF_TEST(secrets go to hosts of the target and limits are not of what the operator names) {
  fixture one;
  one.dial.limit(limits_to({"127.0.0.0/8"}, "allowed_targets"));
  one.dial.limit_secrets(limits_to({"a.test"}, "secret_hosts"));
  one.go("b.test", 1);
  CAF_CHECK_EQUAL(one.found.detail, "b.test: 127.0.0.1 is not in secret_hosts");
  const auto unresolved = one.dial.refusal_behind_proxy("a.test", named_by::target);
  CAF_CHECK_EQUAL(unresolved.detail,
                  "a.test is not in allowed_targets, where it must stand by its name: its address "
                  "is for the proxy to find");
  CAF_CHECK(one.dial.refusal_behind_proxy("127.0.0.1", named_by::answer).is_none());
  CAF_CHECK(!one.dial.refusal_behind_proxy("127.0.0.1", named_by::target).is_none());
  CAF_CHECK(one.dial.refusal_behind_proxy("192.0.2.1", named_by::configuration).is_none());
}

CAF_TEST(a family that is demanded and not there) {
  go("named.test", 1, {ip_family::ip6, false});
  CAF_CHECK_EQUAL(found.error, probe_error::resolve_no_address);
  CAF_CHECK(found.detail.find("no IPv6 address, and ip_protocol_fallback is false") !=
            std::string::npos);
}

CAF_TEST(a name that is not answered ends with the time) {
  go("silent.test", 1, {}, 100ms);
  CAF_CHECK(found.is_none());
  CAF_CHECK(!dial.answer());
  CAF_CHECK(time.expired());
}

CAF_TEST(what was lacking here is told before what a peer did and no way there last) {
  const auto why = [](int number) { return error_code{number, boost::system::system_category()}; };
  const auto at = [](const char* address) {
    return endpoint{boost::asio::ip::make_address(address), 80};
  };
  failed_addresses failed;
  failed.add(why(EHOSTUNREACH), at("192.0.2.1"), std::nullopt, counters);
  CAF_CHECK_EQUAL(failed.fault(), probe_error::unreachable);
  failed.add(why(ECONNREFUSED), at("192.0.2.2"), std::nullopt, counters);
  CAF_CHECK_EQUAL(failed.fault(), probe_error::refused);
  failed.add(why(ENOBUFS), at("192.0.2.3"), std::nullopt, counters);
  failed.add(why(ECANCELED), at("192.0.2.4"), silence{}, counters);
  CAF_CHECK_EQUAL(failed.fault(), probe_error::local_no_socket);
  CAF_CHECK_EQUAL(failed.address(), "192.0.2.3");
  CAF_CHECK_EQUAL(
      failed.detail(4).find("connect to 192.0.2.1:80: No route to host; to 192.0.2.2:80:"), 0u);
  CAF_CHECK(failed.detail(4).ends_with("; to 192.0.2.4:80: no answer in time"));
  CAF_CHECK(failed.detail(9).ends_with("; 4 of 9 addresses were tried in the time there was"));
  CAF_CHECK_EQUAL(counters.no_memory, 1u);
}

CAF_TEST(what never left this machine is no silence of the peer) {
  const endpoint to{boost::asio::ip::make_address("192.0.2.1"), 80};
  failed_addresses failed;
  failed.add({}, to, silence{}, counters);
  CAF_CHECK_EQUAL(failed.fault(), probe_error::connect_timeout);
  CAF_CHECK_EQUAL(counters.neighbours_full, 0u);
  failed.add({}, to, silence{"the table is full"}, counters);
  CAF_CHECK_EQUAL(failed.fault(), probe_error::local_overload);
  CAF_CHECK_EQUAL(counters.neighbours_full, 1u);
  CAF_CHECK_EQUAL(failed.detail(2),
                  "connect to 192.0.2.1:80: no answer in time; to 192.0.2.1:80: no answer could "
                  "come: the table is full");
}

CAF_TEST(a family without an address here is no lack of ports and no fault of the peer) {
  const error_code none{EADDRNOTAVAIL, boost::system::system_category()};
  failed_addresses four;
  four.add(none, {boost::asio::ip::make_address("127.0.0.1"), 53}, std::nullopt, counters);
  CAF_CHECK_EQUAL(four.fault(), probe_error::local_no_socket);
  CAF_CHECK_EQUAL(counters.no_port, 1u);
  const auto six = boost::asio::ip::make_address("2001:db8::1");
  if (has_way_to(six)) {
    CAF_MESSAGE("this machine has a way to IPv6");
    return;
  }
  failed_addresses other;
  other.add(none, {six, 53}, std::nullopt, counters);
  CAF_CHECK_EQUAL(other.fault(), probe_error::local_send);
  CAF_CHECK_EQUAL(counters.no_port, 1u);
  CAF_CHECK(
      other.detail(1).starts_with("connect to [2001:db8::1]:53: there is no way to it from "));
  // What another address of the name did counts before it.
  const error_code dead{EHOSTUNREACH, boost::system::system_category()};
  other.add(dead, {boost::asio::ip::make_address("192.0.2.1"), 53}, std::nullopt, counters);
  CAF_CHECK_EQUAL(other.fault(), probe_error::unreachable);
  failed_addresses redirected{named_by::answer};
  redirected.add(none, {six, 53}, std::nullopt, counters);
  CAF_CHECK_EQUAL(redirected.fault(), probe_error::unreachable);
}

CAF_TEST(the broadcast address of a network here is no target that is unreachable) {
  const auto to = boost::asio::ip::make_address("127.255.255.255");
  CAF_CHECK(is_own_broadcast(to));
  for (const auto* other : {"127.0.0.1", "192.0.2.1", "::1"}) {
    CAF_CHECK(!is_own_broadcast(boost::asio::ip::make_address(other)));
  }
  failed_addresses failed;
  failed.add({ENETUNREACH, boost::system::system_category()}, {to, 80}, std::nullopt, counters);
  CAF_CHECK_EQUAL(failed.fault(), probe_error::not_allowed);
  CAF_CHECK_EQUAL(failed.detail(1), "connect to 127.255.255.255:80: the broadcast address of a "
                                    "network that this machine is in");
}

CAF_TEST(endpoints as text) {
  using boost::asio::ip::make_address;
  CAF_CHECK_EQUAL(endpoint_text({make_address("192.0.2.1"), 80}), "192.0.2.1:80");
  CAF_CHECK_EQUAL(endpoint_text({make_address("2001:db8::1"), 80}), "[2001:db8::1]:80");
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace dialer_suite
