#include "xprober/actors/server/batch_intake.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "xprober/domain/agent_hash.hpp"
#include "xprober/domain/targets/target_set.hpp"
#include "xprober/domain/wire/series_check.hpp"
#include "xprober/store/store_values.hpp"

namespace xprober {

namespace {

/// More than results are packed by: only what is made for it costs by what it unpacks to.
constexpr std::uint64_t usual_packing = 8;

std::string later_text(nanoseconds wait, std::string_view what, std::string_view limit) {
  const auto ms = std::chrono::ceil<milliseconds>(wait).count();
  return "its agent sends more " + std::string{what} + " than " + std::string{limit} +
         " allows: it can come again in " + std::to_string((ms + 999) / 1000) + " s";
}

} // namespace

void batch_intake::set_limits(const limits_config& limits) {
  limits_ = limits;
  series_.set_limits(limits.series, limits.agent_series);
  rows_.set_rate(limits.agent_rows_per_second);
  bytes_.set_rate(limits.agent_bytes_per_second);
}

void batch_intake::enter(const target_universe& universe, const std::vector<agent_identity>& active,
                         monotonic_time now) {
  given_.enter(universe);
  crews_.enter(active, now);
  if (given_.known() && !first_list_) {
    first_list_ = now;
  }
}

bool batch_intake::looks_at_lists(monotonic_time now) const {
  return limits_.listed_targets_only && first_list_ && now - *first_list_ >= list_grace;
}

void batch_intake::pass_time(monotonic_time now) {
  if (!rotated_) {
    rotated_ = now;
  }
  if (now - *rotated_ >= series_time_) {
    rotated_ = now;
    series_.rotate();
    given_.rotate();
  }
}

bool batch_intake::was_given(const claim& what, monotonic_time now) {
  switch (given_.find(what.source_region, what.type, what.region, what.address)) {
  case given_targets::kept_by::nobody: return false;
  case given_targets::kept_by::all_agents: return true;
  case given_targets::kept_by::one_agent: break;
  }
  return crews_.can_have(what.source_region, what.worker,
                         group_hash{what.type, what.region}.of(what.address), now);
}

/// `list_at`: the time now where lists are looked at.
row_fate batch_intake::fate_of(const claim& what, std::optional<monotonic_time> list_at) {
  const auto target = stable_hash(what.region, what.address, what.type);
  // Whatever it has measured before it was given then, also before a restart.
  if (list_at && !series_.has(what.agent, target) && !was_given(what, *list_at)) {
    return row_fate::not_in_list;
  }
  switch (series_.take(what.agent, target)) {
  case series_quota::verdict::taken: return row_fate::taken;
  case series_quota::verdict::agent_full: return row_fate::too_many_of_agent;
  case series_quota::verdict::all_full: return row_fate::too_many;
  }
  return row_fate::too_many;
}

batch_findings batch_intake::check(std::string_view bytes, const batch_header& header,
                                   std::string& body, const clock_source& clock, monotonic_time now,
                                   const agent_grant* grant) {
  pass_time(now);
  const auto list_at = looks_at_lists(now) ? std::optional{now} : std::nullopt;
  std::uint64_t agent = 0;
  batch_rules rules;
  rules.clock = clock;
  rules.grant = grant;
  rules.why_wait = [&](const agent_identity& who) -> std::string {
    agent = agent_hash(who.region, who.local_ip);
    if (const auto wait = rows_.wait(agent, now); wait > nanoseconds{0}) {
      return later_text(wait, "rows", "limits.agent_rows_per_second");
    }
    if (const auto wait = bytes_.wait(agent, now); wait > nanoseconds{0}) {
      return later_text(wait, "bytes", "limits.agent_bytes_per_second");
    }
    return {};
  };
  rules.why_later = [&](const agent_identity& who, std::uint64_t rows) {
    auto later = rules.why_wait(who);
    if (later.empty()) {
      rows_.spend(agent, rows, now);
      bytes_.spend(agent, std::max<std::uint64_t>(bytes.size(), body.size() / usual_packing), now);
    }
    return later;
  };
  rules.fate_of = [&](const agent_identity& who, const batch_target& target) {
    return fate_of({who.region, who.local_ip, agent, target.type, target.region, target.address},
                   list_at);
  };
  return check_batch(bytes, header, body, rules);
}

std::uint32_t batch_intake::check_again(std::string& body, std::uint32_t rows, monotonic_time now) {
  pass_time(now);
  batch_rules rules;
  rules.fate_of = [&](const agent_identity& who, const batch_target& target) {
    return fate_of({who.region, who.local_ip, agent_hash(who.region, who.local_ip), target.type,
                    target.region, target.address},
                   std::nullopt);
  };
  const auto found = check_body(body, rows, rules);
  // Nothing of it can be used: its names are no use either.
  return found.verdict.accepted == 0 ? 0 : found.rows;
}

std::optional<std::vector<wire_value>> batch_intake::check(const std::vector<wire_value>& values,
                                                           std::int64_t arrived_ms,
                                                           monotonic_time now,
                                                           value_findings& found) {
  pass_time(now);
  const auto list_at = looks_at_lists(now) ? std::optional{now} : std::nullopt;
  const row_clock clock{arrived_ms, 0};
  std::optional<std::vector<wire_value>> others;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& v = values[i];
    bool taken = true;
    auto unix_seconds = v.unix_seconds;
    if (check_series(v).empty() && check_number(v).empty()) {
      const auto agent = agent_hash(v.source_region, v.worker_name);
      taken = rows_.wait(agent, now) == nanoseconds{0};
      found.too_fast += taken ? 0 : 1;
      if (taken) {
        rows_.spend(agent, 1, now);
        const auto fate = fate_of(
            {v.source_region, v.worker_name, agent, v.probe_type, v.target_region, v.target_addr},
            list_at);
        ++found.fates[static_cast<std::size_t>(fate)];
        taken = fate == row_fate::taken;
      }
      constexpr auto most = std::int64_t{1} << 50U;
      const auto stamp = clock.judge(std::clamp(v.unix_seconds, -most, most) * 1000);
      // 0: none was sent, and the order of arrival is all there is.
      if (taken && stamp.misdated && v.unix_seconds != 0) {
        unix_seconds = stamp.unix_ms / 1000;
        ++found.misdated;
      }
    }
    if (!taken || unix_seconds != v.unix_seconds) {
      found.by = {v.source_region, v.worker_name};
    }
    if (!others && (!taken || unix_seconds != v.unix_seconds)) {
      others.emplace(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (others && taken) {
      others->push_back(v);
      others->back().unix_seconds = unix_seconds;
    }
  }
  return others;
}

std::optional<std::vector<wire_value>> storable(const std::vector<wire_value>& values) {
  const auto is_good = [](const wire_value& v) {
    return check_series(v).empty() && check_number(v).empty();
  };
  if (std::ranges::all_of(values, is_good)) {
    return std::nullopt;
  }
  std::vector<wire_value> some;
  std::ranges::copy_if(values, std::back_inserter(some), is_good);
  return some;
}

} // namespace xprober
