#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "xprober/domain/comma_list.hpp"
#include "xprober/domain/time_text.hpp"
#include "xprober/top/screen_text.hpp"
#include "xprober/top/view.hpp"

namespace xprober::top {

namespace {

/// From so many on the sentence may have two.
constexpr std::size_t two_line_screen = 12;

constexpr std::array<std::string_view, 5> order_names{"worst first", "newest first", "oldest first",
                                                      "by name", "by agent"};

std::string clock_text(std::int64_t unix_seconds) {
  return rfc3339(unix_seconds).substr(11, 8) + " UTC";
}

std::string since_text(std::int64_t since_unix, std::int64_t now_unix) {
  return since_unix == 0 ? std::string{} : span_text(now_unix - since_unix);
}

std::string since_text(const shown_target& row, std::int64_t now_unix) {
  const auto text = since_text(row.since_unix, now_unix);
  return row.since_at_least && !text.empty() ? "over " + text : text;
}

/// The newest of a strip.
std::string_view last_of(std::string_view strip, std::size_t most) {
  return strip.substr(strip.size() - std::min(strip.size(), most));
}

/// A strip as it is drawn: what is higher is worse.
std::string drawn(std::string_view strip) {
  std::string out;
  for (const char mark : strip) {
    out += mark == strip_ok ? "▁" : mark == strip_degraded ? "▄" : mark == strip_failed ? "█" : "·";
  }
  return out;
}

std::string ms_text(double ms) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), ms < 10 ? "%.2f ms" : "%.0f ms", std::min(ms, 1e9));
  return text.data();
}

/// What stands at the right edge has its room first, where that leaves half of the line.
std::string two_sided(std::string_view left, std::string_view right, std::size_t columns) {
  const auto taken = columns_of(right);
  if (right.empty() || taken + 1 > columns / 2) {
    return cut(left, columns);
  }
  return fill(left, columns - taken - 1) + " " + std::string{right};
}

std::string with_reason(const shown_target& row) {
  auto text = row.reason;
  if (!row.detail.empty()) {
    text += (text.empty() ? "" : ": ") + row.detail;
  }
  return text.empty() ? "no reason is known" : text;
}

std::string name_of_target(const shown_target& row) {
  auto text = row.target + "  " + row.kind;
  text += row.region.empty() ? "" : " in " + row.region;
  return row.source.empty() ? text : text + " from " + row.source;
}

look look_of(std::string_view state) {
  return state == "failing" ? look::bad : state == "ok" ? look::plain : look::warning;
}

constexpr std::array<std::string_view, 9> help_text{
    "j k  Up Down  Page Up Down  Home End   move",
    "Enter        show one, fold a heading",
    "Esc          back, and then no filter",
    "/            filter by a part of the target, or of an incident",
    "s            the next order",
    "Tab          failing, not ok, all",
    "r            ask now",
    "q  Ctrl-C    end",
    "▁ ok  ▄ in part  █ failed  · not known, the newest at the right"};

} // namespace

// -- in words

std::string view::sentence() const {
  if (now_.who == role::unknown || good_unix_ == 0) {
    return "nothing is known yet";
  }
  std::string text;
  const auto add = [&](const std::string& more) { append_listed(text, more); };
  if (now_.failing > 0) {
    add(counted(now_.failing, "target fails", "targets fail") + " of " +
        counted(now_.total, "", ""));
    text.pop_back();
  }
  if (!now_.incidents.empty()) {
    add(counted(now_.incidents.size(), "incident is open",
                now_.more_incidents ? "and more incidents are open" : "incidents are open"));
  }
  const auto dark = static_cast<std::uint64_t>(std::ranges::count_if(
      now_.regions, [](const shown_region& r) { return r.agents == 0 && r.as_source > 0; }));
  if (dark > 0) {
    add(counted(dark, "region has", "regions have") + " no agent");
  }
  if (now_.unwell > 0) {
    add(counted(now_.unwell, "target is", "targets are") + " degraded or not known");
  }
  if (text.empty()) {
    return now_.total == 0 ? "there are no targets"
                           : "all is well: " + counted(now_.total, "target", "targets");
  }
  return text;
}

/// One line, or two where one has no room and the screen has.
std::vector<std::string> view::sentence_lines() const {
  const auto all = sentence();
  auto comma = columns_of(all) > columns_ && rows_ >= two_line_screen
                   ? all.rfind(", ", std::min(columns_, all.size()) - 1)
                   : std::string::npos;
  if (comma == std::string::npos) {
    return {cut(all, columns_)};
  }
  ++comma;
  return {cut(all.substr(0, comma), columns_), cut(all.substr(comma + 1), columns_)};
}

std::string view::heading(part what) const {
  const auto at = what == part::incidents ? 0U : what == part::targets ? 1U : 2U;
  std::string text = folded_[at] ? "▸ " : "▾ ";
  if (what == part::incidents && now_.incidents.empty()) {
    return text + "no open incident";
  }
  const auto with = filter_.empty() ? std::string{} : " with \"" + clean(filter_) + "\"";
  if (what == part::incidents) {
    text += filter_.empty() ? "" : std::to_string(fitting_incidents().size()) + " of ";
    return text + counted(now_.incidents.size(), "open incident", "open incidents") +
           (now_.more_incidents ? " and more" : "") + with;
  }
  if (what == part::regions) {
    return text + counted(now_.regions.size(), "region", "regions");
  }
  constexpr std::array<std::pair<const char*, const char*>, 3> names{
      {{"failing target", "failing targets"},
       {"target that is not ok", "targets that are not ok"},
       {"target", "targets"}}};
  const auto& [one, many] = names[static_cast<std::size_t>(listing_)];
  text += counted(now_.matching, one, many);
  text += with + ", " + std::string{order_names[sort_]};
  return now_.targets.size() < now_.matching
             ? text + ", the first " + std::to_string(now_.targets.size())
             : text;
}

std::vector<screen_line> view::header(std::int64_t now_unix) const {
  std::vector<screen_line> out;
  const auto* who = now_.who == role::server  ? "server"
                    : now_.who == role::agent ? "agent"
                                              : "not known yet";
  const auto how = !error_.empty()    ? look::faint
                   : now_.failing > 0 ? look::bad
                   : now_.unwell > 0  ? look::warning
                                      : look::good;
  std::string trouble;
  if (!error_.empty()) {
    trouble = "no answer for " + since_text(error_since_, now_unix) + ": " + error_;
    if (good_unix_ != 0) {
      trouble = "OLD, of " + clock_text(good_unix_) + "; " + trouble;
    }
  }
  if (rows_ < small_screen) {
    out.push_back(
        {cut(trouble.empty() ? sentence() : trouble, columns_), trouble.empty() ? how : look::bad});
    return out;
  }
  out.push_back({two_sided("xprober top  " + url_ + "  " + who, clock_text(now_unix), columns_),
                 look::title});
  if (!trouble.empty()) {
    out.push_back({cut(trouble, columns_), look::bad});
  }
  for (const auto& line : sentence_lines()) {
    out.push_back({line, how});
  }
  out.emplace_back();
  return out;
}

std::string view::footer() const {
  if (typing_) {
    return "/" + clean(filter_) + "_";
  }
  return detail_path_.empty() ? "q end  / filter  s order  Tab which  Enter show  ? help"
                              : "Esc back  j k scroll  q end";
}

// -- on the screen

void view::add_target(std::vector<screen_line>& out, const shown_target& row,
                      std::int64_t now_unix) const {
  const auto since = since_text(row, now_unix);
  if (!row.failing()) {
    const auto right = row.ms ? ms_text(*row.ms) : since;
    out.push_back({two_sided("  " + row.state + "  " + name_of_target(row), right, columns_),
                   look_of(row.state)});
    return;
  }
  const auto strip = drawn(last_of(row.strip, columns_ / 4)); // who probes it stands there, too
  const auto right = since.empty() || strip.empty() ? since + strip : since + "  " + strip;
  out.push_back({two_sided("  " + name_of_target(row), right, columns_), look::bad});
  out.push_back({cut("      " + with_reason(row), columns_), look::plain});
}

void view::add_incident(std::vector<screen_line>& out, const shown_incident& row,
                        std::int64_t now_unix) const {
  auto right = since_text(row.opened_unix, now_unix);
  right = row.marks.empty() ? right : row.marks + "  " + right;
  out.push_back({two_sided("  " + row.severity + "  " + row.summary, right, columns_),
                 row.severity == "critical" ? look::bad : look::warning});
  out.push_back(
      {cut("      " + row.kind + (row.why.empty() ? "" : ", " + row.why), columns_), look::plain});
}

void view::add_item(std::vector<screen_line>& out, const item& what, std::int64_t now_unix) const {
  switch (what.what) {
  case part::incident: add_incident(out, now_.incidents[what.place], now_unix); return;
  case part::target: add_target(out, now_.targets[what.place], now_unix); return;
  case part::more:
    out.push_back({cut("  and " + counted(what.place, "more incident", "more incidents") +
                           ", Enter shows all",
                       columns_),
                   look::faint});
    return;
  case part::region: {
    const auto& row = now_.regions[what.place];
    auto text = "  " + row.name + "  " + counted(row.agents, "agent", "agents");
    text += ", probes " + counted(row.as_source, "group", "groups");
    text += row.never > 0 ? ", " + counted(row.never, "target", "targets") + " never probed" : "";
    out.push_back({cut(text, columns_), row.agents == 0 ? look::warning : look::plain});
    return;
  }
  default: out.push_back({cut(heading(what.what), columns_), look::title});
  }
}

std::vector<screen_line> view::detail_lines(std::int64_t now_unix) const {
  std::vector<screen_line> out;
  if (now_.detail.empty()) {
    out.push_back({cut("asking ...", columns_), look::faint});
  }
  for (std::size_t i = detail_top_; i < now_.detail.size() && out.size() < rows_; ++i) {
    const auto& line = now_.detail[i];
    auto text = line.at_unix == 0 ? line.text
                                  : "  " + clock_text(line.at_unix) + "  " +
                                        span_text(now_unix - line.at_unix) + " ago  " + line.text;
    if (!line.strip.empty()) {
      const auto room = std::max<std::size_t>(columns_, 4) - 3;
      text += drawn(last_of(line.strip, room));
    }
    out.push_back({cut(text, columns_), i == 0 ? look::title : look::plain});
  }
  return out;
}

std::vector<screen_line> view::lines(std::int64_t now_unix) const {
  auto out = header(now_unix);
  const auto body_end = out.size() + body_rows();
  if (help_) {
    for (const auto line : help_text) {
      out.push_back({cut(line, columns_), look::plain});
    }
  } else if (!detail_path_.empty()) {
    const auto page = detail_lines(now_unix);
    out.insert(out.end(), page.begin(), page.end());
  } else if (now_.who != role::unknown) {
    const auto all = items();
    for (std::size_t i = top_; i < all.size() && out.size() < body_end; ++i) {
      const auto begin = out.size();
      add_item(out, all[i], now_unix);
      for (auto line = begin; line < out.size(); ++line) {
        out[line].selected = i == selected_;
      }
    }
  }
  out.resize(body_end);
  if (rows_ >= small_screen) {
    out.push_back({cut(footer(), columns_), typing_ ? look::title : look::faint});
  } else if (typing_) {
    out.back() = {cut(footer(), columns_), look::title};
  }
  out.resize(rows_);
  return out;
}

std::vector<std::string> view::plain_lines(std::int64_t now_unix) const {
  std::vector<std::string> out;
  const auto stamp = rfc3339(now_unix) + " ";
  if (!error_.empty()) {
    out.push_back(stamp + url_ + ": no answer: " + error_);
    return out;
  }
  const auto since = [](std::int64_t unix_seconds, const char* words) {
    return unix_seconds == 0 ? std::string{} : words + rfc3339(unix_seconds);
  };
  out.push_back(stamp + url_ + ": " + sentence());
  for (const auto& row : now_.incidents) {
    out.push_back(stamp + "incident " + row.severity + " " + row.kind + " " + row.summary +
                  since(row.opened_unix, ", since ") + (row.why.empty() ? "" : ": " + row.why));
  }
  for (const auto& row : now_.targets) {
    auto line = stamp + row.state + " " + name_of_target(row) +
                since(row.since_unix, row.since_at_least ? ", at least since " : ", since ");
    if (row.ms) {
      line += ": " + ms_text(*row.ms);
    } else if (row.state != "ok") {
      line += ": " + with_reason(row);
    }
    out.push_back(std::move(line));
  }
  if (now_.targets.size() < now_.matching) {
    out.push_back(stamp + "and " +
                  counted(now_.matching - now_.targets.size(), "more target", "more targets"));
  }
  return out;
}

} // namespace xprober::top
