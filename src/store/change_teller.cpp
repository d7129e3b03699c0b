#include "xprober/store/change_teller.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace xprober {

series_changes change_teller::take(state_feed& feed, std::size_t limit) {
  out_ = {};
  told_.clear();
  feed.take_gone(limit, out_.series);
  feed.take(limit - out_.series.size(), rows_.bound(),
            [&](slot row, const series_sight& before) { tell(feed, row, before); });
  out_.more = feed.listing();
  return std::move(out_);
}

void change_teller::tell(state_feed& feed, slot row, const series_sight& before) {
  const auto& r = rows_[row];
  const auto sight = r.memory.sight();
  if (sight == before) {
    return; // nobody has the number, or it is again what it was
  }
  name_owners(feed, r);
  series_change what;
  what.agent = r.agent;
  what.target = r.target;
  what.before = before;
  what.after = sight;
  what.since_unix = r.memory.since_unix;
  what.last_unix = std::max(r.latest.unix_seconds, r.memory.failed_unix);
  // What is lossy or slow has not failed: the last failure is another story.
  if (sight.state == series_state::failing && r.memory.failure != no_slot) {
    what.failure = failure_of(r.memory.failure);
  }
  out_.series.push_back(what);
}

void change_teller::name_owners(state_feed& feed, const series_row& row) {
  const auto& texts = names_.texts;
  if (feed.names_agent(row.agent)) {
    const auto& a = names_.agents[row.agent];
    out_.agents.push_back({row.agent, texts[a.region], texts[a.address]});
  }
  if (feed.names_target(row.target)) {
    const auto& t = names_.targets[row.target];
    const auto& kind = *kinds_[row.latest.kind].kind;
    out_.targets.push_back({row.target,
                            {texts[t.region], texts[t.address], prober_name{texts[t.prober]}},
                            kind.name,
                            kind.grouped_by == result_group::pair,
                            kind.mesh});
  }
}

/// Its place among the texts of this telling.
std::uint32_t change_teller::failure_of(slot number) {
  const auto [known, fresh] =
      told_.try_emplace(number, static_cast<std::uint32_t>(out_.failures.size()));
  if (fresh) {
    const auto texts = failures_[number];
    out_.failures.push_back(
        {std::string{texts.reason}, std::string{texts.phase}, std::string{texts.detail}});
  }
  return known->second;
}

} // namespace xprober
