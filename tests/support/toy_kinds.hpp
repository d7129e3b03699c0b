#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "xprober/domain/kind.hpp"
#include "xprober/domain/probe_result.hpp"
#include "xprober/domain/wire/batch.hpp"
#include "xprober/domain/wire/compress.hpp"

/// Kinds of probes that no program has in its table: what works with them works with every kind.
namespace samples {

/// Grouped by address, with two phases, an old name for some of its columns, and a number that is
/// not added up.
inline const xprober::probe_kind& toy() {
  using namespace xprober;
  static const probe_kind kind = [] {
    probe_kind k{"toy", target_form::host_port, result_group::address, false, true, 0, {}};
    const std::string metric = "probe_toy_duration_seconds";
    k.columns = {
        {"success", "toy_up", "probe_success", "", "", column_role::success, column_form::number,
         true},
        {"wind", "toy_wind_ms", metric, "wind", "ms", column_role::phase, column_form::number,
         true},
        {"spin", "", metric, "spin", "ms", column_role::phase, column_form::coarse, true},
        {"level", "", "probe_toy_level", "", "", column_role::gauge, column_form::whole, true},
        {"noise", "", "probe_toy_noise", "", "", column_role::gauge, column_form::number, false},
    };
    return k;
  }();
  return kind;
}

namespace toy_column {
inline constexpr std::size_t wind = 1;
inline constexpr std::size_t spin = 2;
inline constexpr std::size_t level = 3;
inline constexpr std::size_t noise = 4;
} // namespace toy_column

/// Grouped by pairs of regions, with a duration and a loss.
inline const xprober::probe_kind& toy_mesh() {
  using namespace xprober;
  static const probe_kind kind = [] {
    probe_kind k{"toy_mesh", target_form::address, result_group::pair, false, false, 0, {}};
    k.columns = {
        {"success", "", "probe_success", "", "", column_role::success, column_form::number, true},
        {"lost", "", "probe_toy_mesh_loss_ratio", "", "percent", column_role::loss,
         column_form::number, true},
        {"trip_ms", "", "probe_toy_mesh_duration_seconds", "", "ms", column_role::duration,
         column_form::number, true},
    };
    return k;
  }();
  return kind;
}

inline xprober::target_ref target_of(xprober::target_index index, std::string address,
                                     const xprober::prober_name& type, std::string region = "r") {
  return xprober::new_counted<const xprober::target_spec>(
      xprober::target_spec{{std::move(region), std::move(address), type}, index});
}

/// A success of toy.
inline xprober::probe_outcome toy_success(float wind, float spin, std::uint32_t level) {
  xprober::probe_outcome outcome;
  outcome.success = true;
  outcome.values.set(toy_column::wind, wind);
  outcome.values.set(toy_column::spin, spin);
  outcome.values.set_whole(toy_column::level, level);
  outcome.values.set(toy_column::noise, 0.5F);
  return outcome;
}

/// A failure of toy that came as far as its first phase.
inline xprober::probe_outcome toy_failure(float wind) {
  xprober::probe_outcome outcome;
  outcome.error = xprober::probe_error::refused;
  outcome.values.set(toy_column::wind, wind);
  return outcome;
}

inline xprober::probe_outcome toy_trip(float ms, float lost) {
  xprober::probe_outcome outcome;
  outcome.success = true;
  outcome.values.set(1, lost);
  outcome.values.set(2, ms);
  return outcome;
}

/// A type of toy's that `misnamed` makes one with the name of a built-in kind.
inline xprober::prober_name misnamed_type() { return xprober::prober_name{"icmq", &toy()}; }

/// A body, or a whole batch, in which `misnamed_type` is called icmp: an agent that does not know
/// icmp could have a module of this name, and no agent of this program can.
inline std::string misnamed(std::string bytes) {
  using namespace xprober;
  if (bytes.starts_with("xpbt")) {
    std::string body;
    const auto problem = read_batch_body(bytes, body);
    bytes.resize(batch_header_bytes);
    compress(misnamed(problem.empty() ? std::move(body) : problem), bytes);
    return bytes;
  }
  const auto at = bytes.find("icmq");
  return at == std::string::npos ? bytes : bytes.replace(at, 4, "icmp");
}

} // namespace samples
