#include "xprober/web/status_json.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/text_pattern.hpp"
#include "xprober/store/group_terms.hpp"
#include "xprober/web/json.hpp"

namespace xprober::web {

namespace {

constexpr std::int64_t day_seconds = 86'400;
constexpr std::size_t most_status_spans = 200;
constexpr std::size_t most_status_incidents = 20;
constexpr std::string_view label_matcher = "label.";

bool one_fits(const std::vector<std::string>& names, std::string_view pattern) {
  return std::ranges::any_of(names, [&](const auto& name) { return fits_pattern(pattern, name); });
}

bool label_fits(const incident& what, std::string_view label, std::string_view pattern) {
  return std::ranges::any_of(what.labels, [&](const incident_label& each) {
    return each.first == label && fits_pattern(pattern, each.second);
  });
}

bool matcher_fits(std::string_view field, std::string_view pattern, const incident& what) {
  if (field == "probe_type") {
    return fits_pattern(pattern, what.probe_type);
  }
  if (field == "source_region") {
    return label_fits(what, field, pattern) || one_fits(what.sources.names, pattern);
  }
  if (field == "region" || field == "target") {
    return label_fits(what, field, pattern) || one_fits(what.targets.names, pattern);
  }
  field.remove_prefix(std::min(label_matcher.size(), field.size()));
  return label_fits(what, field, pattern);
}

struct time_span {
  std::int64_t from = 0;
  std::int64_t to = 0;
};

struct bad_span : time_span {
  incident_severity severity = incident_severity::info;
};

/// When an incident was open, from `since` on; empty where it was over by then.
bad_span span_of(const incident& what, std::int64_t since, std::int64_t now) {
  const auto end = what.closed ? to_unix_seconds(*what.closed) : now;
  return {{std::max(to_unix_seconds(what.opened), since), std::min(end, now)}, what.severity};
}

/// In order, with those as one that meet.
std::vector<time_span> joined(std::vector<time_span> spans) {
  std::ranges::sort(spans, {}, &time_span::from);
  std::vector<time_span> out;
  for (const auto& span : spans) {
    if (!out.empty() && span.from <= out.back().to) {
      out.back().to = std::max(out.back().to, span.to);
    } else if (span.from < span.to) {
      out.push_back(span);
    }
  }
  return out;
}

/// Of each day from this one on how much of it is covered by spans that do not meet.
std::vector<std::int64_t> day_sums(std::span<const time_span> spans, std::int64_t from) {
  std::vector<std::int64_t> seconds(static_cast<std::size_t>(status_days));
  for (const auto& span : spans) {
    for (auto at = std::max(span.from, from); at < span.to;) {
      const auto day = (at - from) / day_seconds;
      const auto end = std::min(span.to, from + (day + 1) * day_seconds);
      if (day >= status_days) {
        break;
      }
      seconds[static_cast<std::size_t>(day)] += end - at;
      at = end;
    }
  }
  return seconds;
}

/// The part of them that is not before this.
json known_json(std::span<const time_span> spans, std::int64_t since) {
  json all = json::array();
  for (const auto& span : spans) {
    if (span.to > since) {
      all.push_back({{"from_unix", std::max(span.from, since)}, {"to_unix", span.to}});
    }
  }
  return all;
}

json spans_json(std::vector<bad_span> spans, std::int64_t since) {
  std::erase_if(spans, [since](const bad_span& span) { return span.to <= since; });
  std::ranges::sort(spans, {}, &bad_span::from);
  json all = json::array();
  for (std::size_t i = spans.size() - std::min(spans.size(), most_status_spans); i < spans.size();
       ++i) {
    all.push_back({{"from_unix", std::max(spans[i].from, since)},
                   {"to_unix", spans[i].to},
                   {"severity", to_string(spans[i].severity)}});
  }
  return all;
}

/// The name of an error, which agents tell: one that is not well could have any text shown to all.
bool is_public_reason(std::string_view reason) {
  constexpr std::size_t longest = 40;
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789_";
  return !reason.empty() && reason.size() <= longest &&
         reason.find_first_not_of(allowed) == std::string_view::npos;
}

/// Those of an incident's names that are certainly chosen by the group.
json chosen_targets(const status_group& group, const incident& what) {
  json names = json::array();
  const auto wanted = group.match.find("target");
  for (const auto& name : what.targets.names) {
    if (wanted == group.match.end() ? what.targets.affected == 1
                                    : fits_pattern(wanted->second, name)) {
      names.push_back(name);
    }
  }
  return names;
}

struct group_state {
  std::string_view name;
  std::string_view words;
};

std::uint64_t number_in(const state_numbers& states, series_state state) {
  return states[static_cast<std::size_t>(state)];
}

group_state state_of_group(const state_numbers& states) {
  const auto failing = number_in(states, series_state::failing);
  const auto known = known_of(states);
  if (known == 0) {
    return {"unknown", "is not known"};
  }
  if (failing == known) {
    return {"failing", "does not work"};
  }
  if (failing > 0) {
    return {"degraded", "works in part"};
  }
  if (number_in(states, series_state::degraded) > 0) {
    return {"degraded", "is slower or loses more than usual"};
  }
  return {"ok", "works"};
}

class group_maker {
public:
  group_maker(const status_group& group, bool show_targets, std::int64_t now)
      : group_(group), show_targets_(show_targets), now_(now),
        first_day_((now / day_seconds - status_days + 1) * day_seconds) {}

  void look_at(const incident& what) {
    if (!concerns(group_, what)) {
      return;
    }
    if (const auto span = span_of(what, first_day_, now_); span.from < span.to) {
      spans_.push_back(span);
    }
    if (!what.open()) {
      over_ = std::max(over_, to_unix_seconds(*what.closed));
      return;
    }
    const auto since = to_unix_seconds(what.opened);
    since_ = since_ == 0 ? since : std::min(since_, since);
    if (incidents_.size() < most_status_incidents) {
      incidents_.push_back(
          {{"since_unix", since},
           {"severity", to_string(what.severity)},
           {"sentence", public_sentence(what)},
           {"acknowledged", what.acknowledged.has_value()},
           {"targets", show_targets_ ? chosen_targets(group_, what) : json(json::array())}});
    }
  }

  void knows(const known_span& span) {
    if (span.from_unix > now_) {
      return; // of a clock that was ahead
    }
    known_.push_back({std::max(span.from_unix, first_day_), std::min(span.to_unix, now_)});
  }

  json finish(const state_numbers& states) {
    if (known_of(states) > 0) {
      know_now();
    }
    know_ill();
    const auto known = joined(std::move(known_));
    const auto ill = joined({spans_.begin(), spans_.end()});
    const auto state = state_of_group(states);
    const auto since = since_of(state);
    json out = json::object();
    out["name"] = group_.name;
    out["state"] = state.name;
    out["words"] = state.words;
    out["since_unix"] = since > 0 ? json(since) : json(nullptr);
    out["checks"] = {{"failing", number_in(states, series_state::failing)},
                     {"of", known_of(states)}};
    out["incidents"] = std::move(incidents_);
    out["last_24h"] = spans_json(spans_, now_ - day_seconds);
    out["known_24h"] = known_json(known, now_ - day_seconds);
    out["days"] = {{"from_unix", first_day_},
                   {"seconds", day_sums(ill, first_day_)},
                   {"known_seconds", day_sums(known, first_day_)}};
    return out;
  }

private:
  /// Of what works since the last incident was over, and of what does not since the first one that
  /// lasts. Of what is not known no incident tells since when: those who would say have stopped.
  std::int64_t since_of(const group_state& state) const {
    if (state.name == "unknown") {
      return 0;
    }
    return state.name != "ok" ? since_ : since_ == 0 ? over_ : 0;
  }

  /// That it was ill is known, too: since it is looked at all, as of before that nobody knows for
  /// how long it was well.
  void know_ill() {
    if (known_.empty()) {
      return;
    }
    const auto first = std::ranges::min_element(known_, {}, &time_span::from)->from;
    for (const auto& ill : spans_) {
      if (ill.to > first) {
        known_.push_back({std::max(ill.from, first), ill.to});
      }
    }
  }

  /// It is noted once a minute: what is known at this moment goes on from there.
  void know_now() {
    const auto lately = now_ - std::chrono::seconds{known_gap}.count();
    const auto last = std::ranges::max_element(known_, {}, &time_span::to);
    const bool goes_on = last != known_.end() && last->to >= lately;
    known_.push_back({goes_on ? last->to : now_ - 1, now_});
  }

  const status_group& group_;
  bool show_targets_;
  std::int64_t now_;
  std::int64_t first_day_;
  std::int64_t since_ = 0;
  std::int64_t over_ = 0; ///< when the last one was
  std::vector<bad_span> spans_;
  std::vector<time_span> known_;
  json incidents_ = json::array();
};

} // namespace

tally_question status_question(const status_config& shown) {
  tally_question out;
  for (const auto& group : shown.groups) {
    out.groups.emplace_back(group.name, terms_of(group));
  }
  return out;
}

bool concerns(const status_group& group, const incident& what) {
  const bool of_targets = what.kind == incident_kind::target || what.kind == incident_kind::path;
  const bool of_sources =
      what.kind == incident_kind::source && group.match.contains("source_region");
  return (of_targets || of_sources) && what.merged_into == 0 &&
         std::ranges::all_of(group.match, [&](const auto& each) {
           return matcher_fits(each.first, each.second, what);
         });
}

std::string public_sentence(const incident& what) {
  const auto& sources = what.sources;
  std::string text;
  if (!what.certificate.empty()) {
    text = "A certificate has ended or ends soon";
  } else if (what.kind == incident_kind::source) {
    text = "Nothing is reached from some places";
  } else if (sources.of > 1) {
    text = "Not reached from " + std::to_string(sources.affected) + " of " +
           std::to_string(sources.of) + " places";
  } else {
    text = "Not reached";
  }
  if (is_public_reason(what.reason)) {
    text += ": " + what.reason;
    std::ranges::replace(text, '_', ' ');
  }
  return text + ".";
}

std::string status_json(const status_config& shown, const store_snapshot& counted,
                        std::span<const incident> open, std::span<const incident> closed,
                        std::span<const known_span> known, std::int64_t now) {
  json groups = json::array();
  for (const auto& group : shown.groups) {
    group_maker maker{group, shown.show_targets, now};
    for (const auto& what : closed) {
      const bool again =
          std::ranges::any_of(open, [&](const incident& other) { return other.id == what.id; });
      if (!again) {
        maker.look_at(what);
      }
    }
    for (const auto& what : open) {
      maker.look_at(what);
    }
    const auto name = matchers_text(group);
    for (const auto& span : known) {
      if (span.name == name) {
        maker.knows(span);
      }
    }
    const auto line = std::ranges::find(counted.tally, group.name, &tally_line::name);
    groups.push_back(maker.finish(line == counted.tally.end() ? state_numbers{} : line->states));
  }
  json out = json::object();
  out["title"] = shown.title;
  out["time_unix"] = now;
  out["groups"] = std::move(groups);
  return json_text(out);
}

} // namespace xprober::web
