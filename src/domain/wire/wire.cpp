#include "xprober/domain/wire/wire.hpp"

#include <chrono>
#include <variant>

namespace xprober {

namespace {

/// Appends values that differ in nothing but name and number.
class value_writer {
public:
  value_writer(const probe_result& result, const agent_identity& agent,
               std::vector<wire_value>& out)
      : uid_(result.target->uid), agent_(agent), out_(out),
        unix_seconds_(to_unix_seconds(
            result.outcome.started +
            std::chrono::duration_cast<wall_clock::duration>(result.outcome.duration))) {}

  void add(std::string_view metric, float value) {
    out_.push_back({agent_.local_ip, std::string{metric}, uid_.address, agent_.region, uid_.region,
                    std::string{to_string(uid_.type)}, unix_seconds_, value});
  }

private:
  const target_uid& uid_;
  const agent_identity& agent_;
  std::vector<wire_value>& out_;
  std::int64_t unix_seconds_;
};

void add_icmp(const probe_outcome& outcome, value_writer& writer) {
  if (outcome.error == probe_error::shutdown || outcome.error == probe_error::local_overload) {
    return;
  }
  const auto* summary = std::get_if<icmp_summary>(&outcome.data);
  if (summary != nullptr && summary->received > 0) {
    writer.add(metric_names::ping_success, 1);
    writer.add(metric_names::ping_drop_rate, static_cast<float>(summary->loss_percent()));
    writer.add(metric_names::ping_latency, summary->rtt.mean);
    return;
  }
  writer.add(metric_names::ping_success, -1);
  if (!nothing_was_sent(outcome.error)) {
    writer.add(metric_names::ping_drop_rate, 100);
    writer.add(metric_names::ping_latency, -1);
  }
}

void add_http(const probe_outcome& outcome, value_writer& writer) {
  if (is_local(outcome.error)) {
    return;
  }
  writer.add(metric_names::http_success, outcome.success ? 1 : 0);
  const auto* summary = std::get_if<http_summary>(&outcome.data);
  if (summary == nullptr) {
    return;
  }
  for (std::size_t i = 0; i < http_phase_count; ++i) {
    if (const auto& ms = summary->phases_ms[i]) {
      writer.add(metric_name(static_cast<http_phase>(i)), *ms);
    }
  }
}

} // namespace

bool nothing_was_sent(probe_error error) noexcept {
  switch (error) {
  case probe_error::bad_target:
  case probe_error::resolve_not_found:
  case probe_error::resolve_servfail:
  case probe_error::resolve_failed:
  case probe_error::resolve_timeout:
  case probe_error::resolve_no_address:
  case probe_error::local_no_socket:
  case probe_error::local_send: return true;
  default: return false;
  }
}

std::string_view metric_name(http_phase phase) noexcept {
  switch (phase) {
  case http_phase::resolve: return metric_names::http_resolve;
  case http_phase::connect: return metric_names::http_connect;
  case http_phase::tls: return metric_names::http_tls;
  case http_phase::processing: return metric_names::http_processing;
  case http_phase::transfer: return metric_names::http_transfer;
  }
  return "unknown";
}

void append_wire_values(const probe_result& result, const agent_identity& agent,
                        std::vector<wire_value>& out) {
  value_writer writer{result, agent, out};
  if (result.target->uid.type.is(probe_type::icmp)) {
    add_icmp(result.outcome, writer);
  } else {
    add_http(result.outcome, writer);
  }
}

} // namespace xprober
