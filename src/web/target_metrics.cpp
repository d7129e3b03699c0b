#include "xprober/web/target_metrics.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "xprober/web/outcome.hpp"
#include "xprober/web/text.hpp"

namespace xprober::web {

namespace {

using enum metric_type;

class target_rows {
public:
  target_rows(prometheus_text& out, const agent_identity& agent, const target_listing& listing)
      : out_(out), agent_(agent) {
    const auto end = std::min(listing.lines.size(), max_metric_targets);
    lines_.assign(listing.lines.begin(), listing.lines.begin() + static_cast<std::ptrdiff_t>(end));
    omitted_ = std::max<std::size_t>(listing.lines.size(), listing.total) - end;
    std::erase_if(lines_, [](const target_line& line) { return !line.last; });
  }

  std::size_t omitted() const noexcept { return omitted_; }

  // A family with at most one series for each target: `value` gives a number or nothing.
  template <class Value>
  void family(std::string_view name, std::string_view help, Value value) {
    out_.family(name, gauge, help);
    for (const auto& line : lines_) {
      if (const auto number = value(line.last->outcome)) {
        out_.sample(static_cast<double>(*number), {{"source_region", agent_.region},
                                                   {"target", line.uid.address},
                                                   {"target_region", line.uid.region},
                                                   {"probe_type", to_string(line.uid.type)}});
      }
    }
  }

  void http_phases() {
    out_.family("probe_http_duration_seconds", gauge, "Duration of each completed phase.");
    for (const auto& line : lines_) {
      const auto& outcome = line.last->outcome;
      const auto* http = std::get_if<http_summary>(&outcome.data);
      for (std::size_t i = 0; http != nullptr && i < http_phase_count; ++i) {
        if (http->phases_ms[i] && !is_local(outcome.error)) {
          sample_phase(line, to_string(static_cast<http_phase>(i)), *http->phases_ms[i]);
        }
      }
    }
  }

  // What TLS agreed on: `value` is the label of that name, made of the summary.
  template <class Value>
  void tls_info(std::string_view name, std::string_view help, std::string_view label, Value value) {
    out_.family(name, gauge, help);
    for (const auto& line : lines_) {
      const auto& outcome = line.last->outcome;
      const auto* http = std::get_if<http_summary>(&outcome.data);
      if (http != nullptr && http->tls && !http->tls->version.empty() && !is_local(outcome.error)) {
        const std::string text = value(*http->tls);
        out_.sample(1, {{"source_region", agent_.region},
                        {"target", line.uid.address},
                        {"target_region", line.uid.region},
                        {"probe_type", to_string(line.uid.type)},
                        {label, text}});
      }
    }
  }

  void icmp_phases() {
    out_.family("probe_icmp_duration_seconds", gauge, "Mean round-trip time of the probe.");
    for (const auto& line : lines_) {
      const auto rtt = mean_rtt_ms(line.last->outcome);
      if (rtt && !is_local(line.last->outcome.error)) {
        sample_phase(line, "rtt", *rtt);
      }
    }
  }

private:
  void sample_phase(const target_line& line, std::string_view phase, float ms) {
    out_.sample(widen(ms) / 1000, {{"source_region", agent_.region},
                                   {"target", line.uid.address},
                                   {"target_region", line.uid.region},
                                   {"probe_type", to_string(line.uid.type)},
                                   {"phase", phase}});
  }

  prometheus_text& out_;
  const agent_identity& agent_;
  std::vector<target_line> lines_;
  std::size_t omitted_ = 0;
};

using maybe = std::optional<double>;

// Nothing for other probes and for the prober's own faults.
const http_summary* http_of(const probe_outcome& outcome) {
  return is_local(outcome.error) ? nullptr : std::get_if<http_summary>(&outcome.data);
}

} // namespace

void append_target_metrics(prometheus_text& out, const agent_identity& agent,
                           const target_listing& listing) {
  target_rows rows(out, agent, listing);
  rows.family("probe_success", "Whether the latest probe succeeded.",
              [](const probe_outcome& o) { return is_local(o.error) ? maybe{} : o.success; });
  rows.family(
      "probe_duration_seconds", "How long the latest probe took.", [](const probe_outcome& o) {
        return is_local(o.error) ? maybe{} : std::chrono::duration<double>(o.duration).count();
      });
  rows.icmp_phases();
  rows.family("xprober_probe_icmp_loss_ratio", "Share of echoes that were not answered.",
              [](const probe_outcome& o) {
                const auto percent = loss_percent(o);
                return percent ? maybe{*percent / 100} : maybe{};
              });
  rows.family("probe_icmp_reply_hop_limit", "TTL or hop limit of the last reply.",
              [](const probe_outcome& o) {
                const auto* icmp = std::get_if<icmp_summary>(&o.data);
                return icmp != nullptr && icmp->reply_ttl != 0 ? maybe{icmp->reply_ttl} : maybe{};
              });
  rows.http_phases();
  rows.family("probe_http_status_code", "Status of the last response.", [](const probe_outcome& o) {
    const auto* http = http_of(o);
    return http != nullptr && http->status != 0 ? maybe{http->status} : maybe{};
  });
  rows.family("probe_http_redirects", "Redirects followed.", [](const probe_outcome& o) {
    const auto* http = http_of(o);
    return http != nullptr ? maybe{http->redirects} : maybe{};
  });
  rows.family("probe_ssl_earliest_cert_expiry",
              "When the chain's first certificate expires, as Unix time.",
              [](const probe_outcome& o) {
                const auto* http = http_of(o);
                return http != nullptr && http->cert_expiry_unix != 0
                           ? maybe{static_cast<double>(http->cert_expiry_unix)}
                           : maybe{};
              });
  rows.tls_info("probe_tls_version_info", "Always 1; the version of TLS that was agreed on.",
                "version", [](const tls_summary& tls) { return tls_version_label(tls.version); });
  rows.tls_info("probe_tls_cipher_info", "Always 1; the cipher that was agreed on.", "cipher",
                [](const tls_summary& tls) { return tls.cipher; });
  rows.family("xprober_probe_local_error",
              "1 when the latest probe failed of the prober's own fault.",
              [](const probe_outcome& o) { return maybe{is_local(o.error) ? 1 : 0}; });
  out.single("xprober_metrics_targets_omitted", gauge,
             "Targets without rows of their own because there are too many.",
             static_cast<double>(rows.omitted()));
}

} // namespace xprober::web
