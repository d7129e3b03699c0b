#include "xprober/probes/icmp/summary.hpp"

#include <cmath>
#include <memory>

#include "xprober/domain/kind_table.hpp"

namespace xprober {

namespace column = kinds::icmp_column;

double icmp_summary::loss_percent() const noexcept {
  if (sent == 0) {
    return 100.0;
  }
  return 100.0 * static_cast<double>(sent - received) / static_cast<double>(sent);
}

namespace {

void write_times(const icmp_summary& summary, column_values& out) {
  const auto& rtt = summary.rtt;
  out.set(column::latency, rtt.mean);
  out.set(column::min, rtt.min);
  out.set(column::max, rtt.max);
  out.set(column::stddev, rtt.stddev);
  out.set(column::jitter, rtt.jitter);
  out.set(column::p50, rtt.p50);
  out.set(column::p90, rtt.p90);
  out.set(column::p99, rtt.p99);
}

} // namespace

void write_summary(const icmp_summary& summary, probe_outcome& outcome) {
  auto& out = outcome.values;
  out.set_whole(column::sent, summary.sent);
  const bool interrupted = outcome.error == probe_error::shutdown && summary.sent > 0;
  if (!is_local(outcome.error) || interrupted) {
    out.set(column::loss, static_cast<float>(summary.loss_percent()));
  }
  if (summary.received > 0) {
    write_times(summary, out);
  }
  if (summary.reply_ttl != 0) {
    out.set_whole(column::reply_ttl, summary.reply_ttl);
  }
  if (summary.duplicates != 0 || summary.late != 0 || summary.reordered != 0) {
    out.set_whole(column::duplicates, summary.duplicates);
    out.set_whole(column::late, summary.late);
    out.set_whole(column::reordered, summary.reordered);
  }
  if (summary.rtt_inexact || summary.receive_overflow || !summary.errors.empty()) {
    auto details = std::make_shared<icmp_details>();
    details->rtt_inexact = summary.rtt_inexact;
    details->receive_overflow = summary.receive_overflow;
    details->errors = summary.errors;
    outcome.details = std::move(details);
  }
}

icmp_summary icmp::read_summary(const probe_outcome& outcome) {
  const auto& in = outcome.values;
  const auto whole = [&](std::size_t place) { return in.whole(place).value_or(0); };
  const auto number = [&](std::size_t place) { return in.number(place).value_or(0); };
  icmp_summary summary;
  summary.sent = whole(column::sent);
  if (const auto loss = in.number(column::loss)) {
    const double answered = 1 - static_cast<double>(*loss) / 100;
    summary.received = static_cast<std::uint32_t>(std::lround(summary.sent * answered));
  }
  summary.duplicates = whole(column::duplicates);
  summary.late = whole(column::late);
  summary.reordered = whole(column::reordered);
  summary.reply_ttl = static_cast<std::uint8_t>(whole(column::reply_ttl));
  summary.rtt = {.min = number(column::min),
                 .mean = number(column::latency),
                 .max = number(column::max),
                 .stddev = number(column::stddev),
                 .p50 = number(column::p50),
                 .p99 = number(column::p99),
                 .p90 = number(column::p90),
                 .jitter = number(column::jitter)};
  if (const auto* more = dynamic_cast<const icmp_details*>(outcome.details.get())) {
    summary.rtt_inexact = more->rtt_inexact;
    summary.receive_overflow = more->receive_overflow;
    summary.errors = more->errors;
  }
  return summary;
}

} // namespace xprober
