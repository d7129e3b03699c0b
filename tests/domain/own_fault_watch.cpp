#define CAF_SUITE own_fault_watch

#include "xprober/domain/own_fault_watch.hpp"

#include <string>
#include <vector>

#include "support/samples.hpp"
#include "xprober/domain/clock_skew.hpp"

#include "caf/test/unit_test.hpp"

namespace own_fault_watch_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

const wall_time noon{std::chrono::seconds{1'767'268'800}};
using names = std::vector<std::string>;

probe_result result(const std::string& address, probe_error error,
                    const probe_kind& kind = kinds::icmp()) {
  auto outcome =
      error == probe_error::none ? samples::success() : samples::failure(error, "why " + address);
  outcome.address = is_local(error) ? "" : address;
  return {samples::target(0, address, kind), std::move(outcome)};
}

struct fixture {
  const probe_result answered = result("10.0.0.1", probe_error::none);
  const probe_result silent = result("10.0.0.2", probe_error::no_reply);
  const probe_result no_socket = result("10.0.0.3", probe_error::local_no_socket);
  own_fault_watch watch;
  own_fault_sample sample;
  monotonic_time now{1h};

  /// Time passes, and this is what results say meanwhile.
  void pass(nanoseconds time, const std::vector<probe_result>& results = {}) {
    now += time;
    for (const auto& each : results) {
      sample.results.add(each);
    }
    watch.add(sample, now, noon + (now - monotonic_time{1h}));
  }

  names faults() const {
    names all;
    for (const auto& fault : watch.faults()) {
      all.push_back(fault.reason);
    }
    return all;
  }

  std::int64_t first_since() const { return watch.faults().at(0).since_unix; }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(own_fault_watch_tests, fixture)

CAF_TEST(an agent that probes has no faults) {
  pass(5s);
  CAF_CHECK(faults().empty());
  pass(5s, {answered, silent});
  CAF_CHECK(faults().empty());
  CAF_CHECK_EQUAL(watch.blocked(), "");
}

CAF_TEST(without a socket for echoes the permission is missing) {
  pass(5s, {no_socket});
  CAF_CHECK(faults() == names{"no_icmp_permission"});
  CAF_CHECK_EQUAL(watch.faults().at(0).detail, "why 10.0.0.3");
  CAF_CHECK_EQUAL(watch.blocked(), "nothing can be probed: why 10.0.0.3");
  const auto since = first_since();
  CAF_CHECK_EQUAL(since, to_unix_seconds(noon + 5s));
  pass(5s, {no_socket});
  CAF_CHECK_EQUAL(first_since(), since);
  CAF_MESSAGE("other kinds go on, and a name that is not found says nothing of it");
  auto nowhere = result("host.example", probe_error::resolve_not_found);
  nowhere.outcome.address.clear();
  pass(5s, {no_socket, nowhere, result("10.0.0.1:80", probe_error::none, kinds::tcp())});
  CAF_CHECK(faults() == names{"no_icmp_permission"});
  CAF_CHECK_EQUAL(watch.blocked(), "");
  CAF_MESSAGE("and it is over with the first answer");
  pass(5s, {answered});
  CAF_CHECK(faults().empty());
}

CAF_TEST(a fault is over when nothing says it any more) {
  pass(5s, {no_socket});
  pass(30s);
  CAF_CHECK(!faults().empty());
  pass(31s);
  CAF_CHECK(faults().empty());
  CAF_CHECK_EQUAL(watch.blocked(), "");
}

CAF_TEST(rare probes are looked back at for longer) {
  watch.set_probe_interval(60s);
  pass(5s, {no_socket});
  pass(170s);
  CAF_CHECK(!faults().empty());
  pass(11s);
  CAF_CHECK(faults().empty());
  watch.set_probe_interval(1s);
  pass(5s, {no_socket});
  pass(61s);
  CAF_CHECK(faults().empty());
}

CAF_TEST(a machine without IPv6 says so where it has such targets) {
  const auto unsent = result("2001:db8::1", probe_error::local_send);
  pass(5s, {answered, unsent});
  CAF_CHECK(faults() == names{"no_ipv6"});
  CAF_CHECK(watch.faults().at(0).detail.ends_with("why 2001:db8::1"));
  CAF_MESSAGE("one of several that has no route is no fault of the whole");
  pass(5s, {unsent, result("2001:db8::2", probe_error::none)});
  CAF_CHECK(faults().empty());
}

CAF_TEST(an address without a route is a fault where nothing else is probed) {
  pass(5s, {result("10.0.0.9", probe_error::local_send)});
  CAF_CHECK(faults().empty());
  CAF_CHECK_EQUAL(watch.blocked(), "nothing can be probed: why 10.0.0.9");
}

CAF_TEST(targets of unknown types are a fault as long as they are in the list) {
  sample.unknown_targets = 7;
  pass(5s);
  CAF_CHECK(faults() == names{"unknown_modules"});
  CAF_CHECK(watch.faults().at(0).detail.ends_with(": 7"));
  sample.unknown_targets = 0;
  pass(5s);
  CAF_CHECK(faults().empty());
}

CAF_TEST(name servers are dead where several names have no answer and no other has one) {
  sample.silent_names = own_fault_watch::few_names - 1;
  pass(5s);
  CAF_CHECK(faults().empty());
  sample.silent_names = own_fault_watch::few_names;
  pass(5s);
  CAF_CHECK(faults() == names{"no_name_server"});
  CAF_MESSAGE("until all that could not be resolved was probed again");
  sample.silent_names = 0;
  pass(59s);
  CAF_CHECK(faults() == names{"no_name_server"});
  pass(1s);
  CAF_CHECK(faults().empty());
}

CAF_TEST(a spool is full above half of its limit and where the disk refuses) {
  sample.spool_limit = 1000;
  sample.spool_bytes = 500;
  pass(5s);
  CAF_CHECK(faults().empty());
  sample.spool_bytes = 501;
  pass(5s);
  CAF_CHECK(faults() == names{"spool_full"});
  CAF_CHECK(watch.faults().at(0).detail.ends_with("501 of 1000 bytes"));
  sample.spool_bytes = 0;
  sample.spool_problem = "the disk is full";
  pass(5s);
  CAF_CHECK(watch.faults().at(0).detail.ends_with(": the disk is full"));
}

CAF_TEST(ticks that are late or left out are an overload) {
  sample.ticks = 1000;
  sample.late_ticks = 200;
  pass(5s);
  CAF_CHECK(faults().empty());
  sample.late_ticks = 201;
  pass(5s);
  CAF_CHECK(faults() == names{"overload"});
  CAF_MESSAGE("for as long as they are within a minute");
  pass(61s);
  CAF_CHECK(faults().empty());
  sample.skipped_ticks = 1;
  pass(5s);
  CAF_CHECK(faults() == names{"overload"});
}

CAF_TEST(few ticks say nothing of an overload) {
  sample.ticks = 49;
  sample.late_ticks = 49;
  pass(5s);
  CAF_CHECK(faults().empty());
}

CAF_TEST(results that are given up are an overload where they are more than a few) {
  const auto given_up = result("10.0.0.4", probe_error::local_overload);
  pass(5s, std::vector<probe_result>(297, answered));
  pass(5s, {given_up, given_up, given_up});
  CAF_CHECK(faults().empty());
  pass(5s, {given_up});
  CAF_CHECK(faults() == names{"overload"});
}

CAF_TEST(a moment in which the machine stood still is no overload of an agent with few targets) {
  const auto given_up = result("10.0.0.4", probe_error::local_overload);
  pass(5s, {answered, given_up, given_up});
  CAF_CHECK(faults().empty());
  pass(5s, {given_up});
  CAF_CHECK(faults() == names{"overload"});
}

CAF_TEST(a clock that is far from the one of the server is a fault while it is) {
  sample.clock_ahead_ms = bad_clock_ms - 1;
  pass(5s, {answered});
  CAF_CHECK(faults().empty());
  sample.clock_ahead_ms = -600'000;
  pass(5s, {answered});
  CAF_CHECK(faults() == names{"clock_off"});
  CAF_CHECK_NOT_EQUAL(watch.faults().at(0).detail.find("600 s behind its server's"),
                      std::string::npos);
  sample.clock_ahead_ms = 0;
  pass(5s, {answered});
  CAF_CHECK(faults().empty());
}

CAF_TEST(several faults stand in one order) {
  sample.skipped_ticks = 5;
  sample.unknown_targets = 1;
  sample.spool_problem = "full";
  sample.certificate_fault = "it ends";
  sample.clock_ahead_ms = 60'000;
  pass(5s, {no_socket});
  CAF_CHECK(faults() == (names{"no_icmp_permission", "unknown_modules", "spool_full",
                               "certificate_ends", "clock_off", "overload"}));
  CAF_CHECK(watch.faults().at(3).detail == "it ends");
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace own_fault_watch_suite
