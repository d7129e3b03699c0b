#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/probe_result.hpp"

/// Targets and outcomes as tests need them.
namespace samples {

inline xprober::target_ref target(xprober::target_index index, std::string address,
                                  const xprober::probe_kind& kind = xprober::kinds::icmp()) {
  return xprober::new_counted<const xprober::target_spec>(
      xprober::target_spec{{"cn-north", std::move(address), kind}, index});
}

/// What a probe of icmp measured whose `answered` of `sent` echoes took `ms` each.
inline xprober::column_values echoes(std::uint32_t sent, std::uint32_t answered, float ms) {
  namespace column = xprober::kinds::icmp_column;
  xprober::column_values values;
  values.set_whole(column::sent, sent);
  values.set(column::loss,
             sent == 0 ? 100.0F
                       : 100.0F * static_cast<float>(sent - answered) / static_cast<float>(sent));
  if (answered > 0) {
    for (const auto c :
         {column::latency, column::min, column::max, column::p50, column::p90, column::p99}) {
      values.set(c, ms);
    }
    values.set(column::stddev, 0);
    values.set(column::jitter, 0);
    values.set_whole(column::reply_ttl, 64);
  }
  return values;
}

/// All of `count` echoes were answered after 1.5 ms.
inline xprober::probe_outcome success(std::uint32_t count = 10) {
  xprober::probe_outcome outcome;
  outcome.success = true;
  outcome.values = echoes(count, count, 1.5F);
  return outcome;
}

/// A failed probe without any value.
inline xprober::probe_outcome failure(xprober::probe_error error, std::string detail = "") {
  xprober::probe_outcome outcome;
  outcome.error = error;
  outcome.detail = std::move(detail);
  return outcome;
}

/// What a probe of http measured that completed its first phases in these times.
inline xprober::column_values http_values(std::initializer_list<float> phases_ms,
                                          std::uint16_t status, std::int64_t cert_expiry = 0) {
  namespace column = xprober::kinds::http_column;
  xprober::column_values values;
  auto place = column::first_phase;
  for (const auto ms : phases_ms) {
    values.set(place++, ms);
  }
  values.set_whole(column::status, status);
  values.set_whole(column::redirects, 0);
  values.set_whole(column::body_bytes, 0);
  if (cert_expiry > 0) {
    values.set_whole(column::cert_expiry, static_cast<std::uint64_t>(cert_expiry));
  }
  return values;
}

inline xprober::probe_result_ptr result(const xprober::target_ref& target,
                                        xprober::probe_outcome outcome = success()) {
  return xprober::new_counted<const xprober::probe_result>(
      xprober::probe_result{target, std::move(outcome)});
}

} // namespace samples
