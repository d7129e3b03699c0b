#define CAF_SUITE wire
#include "xprober/domain/wire/wire.hpp"

#include <map>

#include "support/samples.hpp"

#include "caf/test/unit_test.hpp"

namespace wire_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

using named_values = std::map<std::string, float>;

const agent_identity agent{"eu-west-1", "10.0.0.7"};

probe_result make(const probe_kind& kind, probe_error error) {
  probe_result result;
  const auto* address = kind.takes == target_form::address ? "10.1.2.3" : "http://host.example/";
  result.target = new_counted<target_spec>(target_spec{{"cn-south", address, kind}, 0});
  result.outcome.error = error;
  result.outcome.success = error == probe_error::none;
  result.outcome.started = wall_time{1700000000s + 900ms};
  result.outcome.duration = 2s + 200ms;
  return result;
}

/// Without echoes: none could be sent.
probe_result icmp(probe_error error, std::uint32_t sent = 0, std::uint32_t received = 0) {
  auto result = make(kinds::icmp(), error);
  if (sent > 0) {
    result.outcome.values = samples::echoes(sent, received, 12.5F);
  }
  return result;
}

probe_result http(probe_error error, std::size_t completed) {
  auto result = make(kinds::http(), error);
  for (std::size_t i = 0; i < completed; ++i) {
    result.outcome.values.set(kinds::http_column::first_phase + i, static_cast<float>(i) + 0.5F);
  }
  return result;
}

named_values values_of(const probe_result& result) {
  std::vector<wire_value> out;
  append_wire_values(result, agent, out);
  named_values named;
  for (const auto& value : out) {
    named[value.metric_name] = value.value;
  }
  CAF_CHECK_EQUAL(named.size(), out.size());
  return named;
}

/// By value: the checks keep references beyond the life of a temporary map.
float value_of(const probe_result& result, const std::string& name) {
  return values_of(result).at(name);
}

} // namespace

CAF_TEST(a value names who measured what and when the probe ended) {
  std::vector<wire_value> out(1);
  append_wire_values(icmp(probe_error::none, 50, 50), agent, out);
  CAF_REQUIRE_EQUAL(out.size(), 4u);
  const auto& value = out[1];
  CAF_CHECK_EQUAL(value.worker_name, "10.0.0.7");
  CAF_CHECK_EQUAL(value.source_region, "eu-west-1");
  CAF_CHECK_EQUAL(value.target_region, "cn-south");
  CAF_CHECK_EQUAL(value.target_addr, "10.1.2.3");
  CAF_CHECK_EQUAL(value.probe_type, "icmp");
  // 0.9 s into the second, and 2.2 s long.
  CAF_CHECK_EQUAL(value.unix_seconds, 1700000003);
}

CAF_TEST(icmp with answers) {
  CAF_CHECK((values_of(icmp(probe_error::none, 50, 50)) ==
             named_values{{"ping_target_success", 1.f},
                          {"ping_packageDrop_rate", 0.f},
                          {"ping_latency_millonseconds", 12.5f}}));
  CAF_CHECK((values_of(icmp(probe_error::none, 50, 49)) ==
             named_values{{"ping_target_success", 1.f},
                          {"ping_packageDrop_rate", 2.f},
                          {"ping_latency_millonseconds", 12.5f}}));
  // The most that can be lost while something is answered stays below 100.
  const auto almost = values_of(icmp(probe_error::none, 65535, 1));
  CAF_CHECK(almost.at("ping_packageDrop_rate") < 100.f);
  CAF_CHECK_EQUAL(almost.at("ping_target_success"), 1.f);
}

CAF_TEST(icmp without any answer) {
  for (const auto error : {probe_error::no_reply, probe_error::unreachable,
                           probe_error::ttl_exceeded, probe_error::deadline}) {
    CAF_MESSAGE(to_string(error));
    CAF_CHECK(
        (values_of(icmp(error, 50, 0)) == named_values{{"ping_target_success", -1.f},
                                                       {"ping_packageDrop_rate", 100.f},
                                                       {"ping_latency_millonseconds", -1.f}}));
  }
}

CAF_TEST(icmp that could not ask) {
  for (const auto error :
       {probe_error::bad_target, probe_error::resolve_not_found, probe_error::resolve_failed,
        probe_error::resolve_timeout, probe_error::resolve_no_address}) {
    CAF_MESSAGE(to_string(error));
    CAF_CHECK((values_of(icmp(error)) == named_values{{"ping_target_success", -1.f}}));
  }
}

CAF_TEST(faults of the prober say nothing of an icmp target) {
  for (const auto error : {probe_error::shutdown, probe_error::local_overload,
                           probe_error::local_no_socket, probe_error::local_send}) {
    CAF_CHECK(values_of(icmp(error)).empty());
    CAF_CHECK(values_of(icmp(error, 10, 0)).empty());
    CAF_CHECK(values_of(icmp(error, 10, 4)).empty());
  }
}

CAF_TEST(http with an accepted status has all five phases) {
  CAF_CHECK((values_of(http(probe_error::none, 5)) ==
             named_values{{"http_interface_success", 1.f},
                          {"http_resolveDuration_millonseconds", 0.5f},
                          {"http_connectDuration_millonseconds", 1.5f},
                          {"http_tlsDuration_millonseconds", 2.5f},
                          {"http_processingDuration_millonseconds", 3.5f},
                          {"http_transferDuration_millonseconds", 4.5f}}));
}

CAF_TEST(any other http outcome has the completed phases) {
  CAF_CHECK_EQUAL(values_of(http(probe_error::bad_status, 5)).size(), 6u);
  CAF_CHECK_EQUAL(value_of(http(probe_error::bad_status, 5), "http_interface_success"), 0.f);
  CAF_CHECK((
      values_of(http(probe_error::refused, 1)) ==
      named_values{{"http_interface_success", 0.f}, {"http_resolveDuration_millonseconds", 0.5f}}));
  for (const auto error : {probe_error::resolve_not_found, probe_error::bad_target,
                           probe_error::deadline, probe_error::tls_verify}) {
    CAF_CHECK((values_of(http(error, 0)) == named_values{{"http_interface_success", 0.f}}));
  }
  // An engine that refuses a request at once leaves the data as they were made.
  CAF_CHECK((values_of(make(kinds::http(), probe_error::bad_target)) ==
             named_values{{"http_interface_success", 0.f}}));
}

CAF_TEST(faults of the prober say nothing of an http target) {
  for (const auto error : {probe_error::shutdown, probe_error::local_overload,
                           probe_error::local_no_socket, probe_error::local_send}) {
    CAF_CHECK(values_of(http(error, 2)).empty());
  }
}

} // namespace wire_suite
