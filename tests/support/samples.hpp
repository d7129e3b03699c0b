#pragma once

#include <memory>
#include <string>
#include <utility>

#include "xprober/domain/probe_result.hpp"

/// Targets and outcomes as tests need them.
namespace samples {

inline xprober::target_ref target(xprober::target_index index, std::string address,
                                  xprober::probe_type type = xprober::probe_type::icmp) {
  return std::make_shared<const xprober::target_spec>(
      xprober::target_spec{{"cn-north", std::move(address), type}, index});
}

/// All of `count` echoes were answered after 1.5 ms.
inline xprober::probe_outcome success(std::uint32_t count = 10) {
  xprober::probe_outcome outcome;
  outcome.success = true;
  xprober::icmp_summary summary;
  summary.sent = summary.received = count;
  summary.rtt.mean = 1.5F;
  outcome.data = summary;
  return outcome;
}

inline xprober::probe_outcome failure(xprober::probe_error error, std::string detail = "") {
  xprober::probe_outcome outcome;
  outcome.error = error;
  outcome.detail = std::move(detail);
  outcome.data = xprober::icmp_summary{};
  return outcome;
}

inline xprober::probe_result_ptr result(const xprober::target_ref& target,
                                        xprober::probe_outcome outcome = success()) {
  return std::make_shared<const xprober::probe_result>(
      xprober::probe_result{target, std::move(outcome)});
}

} // namespace samples
