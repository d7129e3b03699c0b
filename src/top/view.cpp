#include "xprober/top/view.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "xprober/domain/ascii.hpp"
#include "xprober/top/screen_text.hpp"

namespace xprober::top {

namespace {

/// A server gives no more rows of targets, and nobody scrolls through more.
constexpr std::size_t most_rows = 1000;
constexpr std::size_t most_incidents = 100;
/// So many stories of an agent's targets are asked for in a round.
constexpr std::size_t most_stories = 20;
constexpr std::size_t longest_filter = 200;

/// As the server names them; an agent's rows are put into order here.
constexpr std::array<std::string_view, 5> view_orders{"state", "-since", "since", "target",
                                                      "agent"};

} // namespace

view::view(const std::string& url, listing what) : url_(clean(url)), listing_(what) {}

void view::look_at(const std::string& url) { url_ = clean(url); }

void view::resize(std::size_t columns, std::size_t rows) {
  // Once: whoever cannot be asked now, or has no more, is not asked without a pause.
  const bool is_higher = rows > rows_;
  columns_ = std::max<std::size_t>(columns, 1);
  rows_ = std::max<std::size_t>(rows, 1);
  hurry_ = hurry_ ||
           (is_higher && now_.targets.size() < std::min<std::uint64_t>(now_.matching, limit()));
  arrange();
}

bool view::take_hurry() noexcept { return std::exchange(hurry_, false); }

// -- keys

void view::press(const key_press& pressed) {
  const auto page = static_cast<std::ptrdiff_t>(std::max<std::size_t>(body_rows(), 2) - 1);
  constexpr std::ptrdiff_t far = 1'000'000;
  if (typing_) {
    press_in_filter(pressed);
    return;
  }
  help_ = help_ && pressed.what == key::character && pressed.text == "?";
  switch (pressed.what) {
  case key::character: press_character(pressed.text); break;
  case key::up: move(-1); break;
  case key::down: move(1); break;
  case key::page_up: move(-page); break;
  case key::page_down: move(page); break;
  case key::first: move(-far); break;
  case key::last: move(far); break;
  case key::enter: open(); break;
  case key::escape:
    if (detail_path_.empty() && !filter_.empty()) {
      filter_.clear();
      begin_anew();
    }
    close();
    break;
  case key::erase: close(); break;
  case key::tab:
    listing_ = listing_ == listing::all ? listing::failing
                                        : static_cast<listing>(static_cast<int>(listing_) + 1);
    hurry_ = true;
    break;
  }
  arrange();
}

void view::press_in_filter(const key_press& pressed) {
  switch (pressed.what) {
  case key::character:
    if (filter_.size() < longest_filter) {
      filter_ += pressed.text;
    }
    break;
  case key::erase:
    typing_ = !filter_.empty();
    drop_last(filter_);
    break;
  case key::enter:
    typing_ = false;
    hurry_ = true;
    return;
  case key::escape:
    typing_ = false;
    filter_.clear();
    break;
  default: return;
  }
  begin_anew();
}

/// Of what another filter lets through the first is looked at.
void view::begin_anew() {
  selected_ = top_ = 0;
  hurry_ = true;
  arrange();
}

void view::press_character(std::string_view text) {
  if (text == "q") {
    ended_ = true;
  } else if (text == "/") {
    typing_ = true;
    close();
  } else if (text == "s") {
    sort_ = (sort_ + 1) % view_orders.size();
    hurry_ = true;
  } else if (text == "j") {
    move(1);
  } else if (text == "k") {
    move(-1);
  } else if (text == "?") {
    help_ = !help_;
  } else if (text == " ") {
    open();
  } else if (text == "r") {
    hurry_ = true;
  }
}

void view::move(std::ptrdiff_t by) {
  const auto moved = [by](std::size_t from, std::size_t size) {
    const auto last = static_cast<std::ptrdiff_t>(size) - 1;
    return static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(
        static_cast<std::ptrdiff_t>(from) + by, 0, std::max<std::ptrdiff_t>(last, 0)));
  };
  if (!detail_path_.empty()) {
    detail_top_ = moved(detail_top_, now_.detail.size());
    return;
  }
  selected_ = moved(selected_, items().size());
  hurry_ =
      hurry_ || (by > 0 && now_.targets.size() < std::min<std::uint64_t>(now_.matching, limit()));
}

/// Folds, or shows the page of what is selected.
void view::open() {
  const auto all = items();
  if (!detail_path_.empty() || selected_ >= all.size()) {
    return;
  }
  const auto& [what, place] = all[selected_];
  switch (what) {
  case part::incidents:
    folded_[0] = !folded_[0];
    all_incidents_ = false;
    return;
  case part::more: all_incidents_ = true; return;
  case part::targets: folded_[1] = !folded_[1]; return;
  case part::regions: folded_[2] = !folded_[2]; return;
  case part::region: return;
  case part::incident:
    detail_path_ = "/api/v1/incidents/" + now_.incidents[place].id;
    detail_uid_.clear();
    break;
  case part::target:
    detail_uid_ = now_.targets[place].uid;
    detail_path_ =
        (now_.who == role::agent ? "/targets/" : "/api/v1/target/") + query_escape(detail_uid_);
    break;
  }
  now_.detail.clear();
  detail_top_ = 0;
  hurry_ = true;
}

void view::close() {
  detail_path_.clear();
  now_.detail.clear();
}

// -- asking

std::size_t view::limit() const {
  const auto all = items();
  std::size_t below = 0; // the place of the target that is selected
  if (selected_ < all.size() && all[selected_].what == part::target) {
    below = all[selected_].place;
  }
  return std::clamp<std::size_t>(below + rows_ + 1, 10, most_rows);
}

std::string view::states_of_server() const {
  switch (listing_) {
  case listing::failing: return "state=failing&";
  case listing::not_ok: return "state=failing,degraded,prober_fault,stale,never&";
  case listing::all: break;
  }
  return {};
}

std::vector<question> view::questions() const {
  std::vector<question> out;
  switch (now_.who) {
  case role::unknown: out.push_back({asked::regions, "/api/v1/regions"}); break;
  case role::server: add_server_questions(out); break;
  case role::agent: add_agent_questions(out); break;
  }
  if (now_.who != role::unknown && !detail_path_.empty()) {
    out.push_back({asked::detail, detail_path_, detail_path_});
    if (now_.who == role::server && !detail_uid_.empty()) {
      out.push_back({asked::history, "/api/v1/history?from=1h&uid=" + query_escape(detail_uid_),
                     detail_path_});
    }
  }
  return out;
}

void view::add_server_questions(std::vector<question>& out) const {
  out.push_back({asked::regions, "/api/v1/regions"});
  // A hundred newer warnings hide no grave one.
  out.push_back({asked::incidents, "/api/v1/incidents?state=open&sort=severity&limit=" +
                                       std::to_string(most_incidents)});
  const auto sort = std::string{view_orders[sort_]};
  out.push_back({asked::targets, "/api/v1/targets?" + states_of_server() + "sort=" + sort +
                                     "&limit=" + std::to_string(limit()) +
                                     (filter_.empty() ? "" : "&q=" + query_escape(filter_))});
  if (listing_ != listing::failing || !filter_.empty()) {
    out.push_back({asked::failing, "/api/v1/targets?state=failing&limit=1"});
  }
  out.push_back({asked::unwell, "/api/v1/targets?state=degraded,prober_fault,stale,never&limit=1"});
}

/// An agent has neither a filter nor an order: with them, what it is asked for is looked through
/// here.
void view::add_agent_questions(std::vector<question>& out) const {
  const bool chosen = !filter_.empty() || sort_ != 0;
  const auto most = std::to_string(chosen ? most_rows : limit());
  const auto ask = [&](std::string_view state) {
    out.push_back({asked::targets, "/targets?state=" + std::string{state} + "&limit=" + most});
  };
  ask("failing");
  if (listing_ != listing::failing) {
    ask("prober_fault");
    ask("waiting");
  }
  if (listing_ == listing::all) {
    ask("ok");
  }
  add_stories(out);
}

/// Of the failing rows around the selected one whose last result has not been seen yet.
void view::add_stories(std::vector<question>& out) const {
  const auto all = items();
  std::size_t stories = 0;
  for (std::size_t i = top_; i < all.size() && i < top_ + rows_ && stories < most_stories; ++i) {
    if (all[i].what != part::target || !now_.targets[all[i].place].failing()) {
      continue;
    }
    const auto& row = now_.targets[all[i].place];
    const auto known = seen_.find(row.key());
    if (known == seen_.end() || known->second.time_unix != row.time_unix) {
      out.push_back({asked::story, "/targets/" + query_escape(row.uid), row.uid});
      ++stories;
    }
  }
}

void view::take(const question& asked_for, unsigned status, std::string_view body) {
  if (now_.who == role::unknown) {
    next_ = now_;
    if (status == 404 && asked_for.what == asked::regions) {
      next_.who = role::agent;
      return;
    }
  }
  const bool extra = asked_for.what == asked::story || asked_for.what == asked::detail ||
                     asked_for.what == asked::history;
  if (status != 200) {
    if (asked_for.what == asked::detail) {
      next_.detail_uid = asked_for.about;
      next_.detail.assign(1, {"it is not there any more (status " + std::to_string(status) + ")"});
    }
    if (!extra) {
      // Whoever is there now may be somebody else.
      now_.who = status == 404 ? role::unknown : now_.who;
      const auto* advice = status == 400   ? ", perhaps it wants https"
                           : status == 401 ? ", it wants a token (--token-file)"
                           : status == 403 ? ", the token may not look at this"
                           : status == 429 ? ", too many attempts with a wrong token"
                                           : "";
      failed("status " + std::to_string(status) + advice + ": " +
             asked_for.path.substr(0, asked_for.path.find('?')));
    }
    return;
  }
  const bool first = asked_for.what == asked::targets && !std::exchange(round_has_targets_, true);
  round_counts_failing_ = round_counts_failing_ || asked_for.what == asked::failing;
  const auto wrong = take_answer(next_, asked_for, body, first);
  if (!wrong.empty()) {
    failed(wrong);
  }
}

void view::failed(std::string_view why) {
  if (round_problem_.empty()) {
    round_problem_ = clean(why);
  }
}

bool view::end_round(std::int64_t now_unix) {
  if (round_has_targets_ && !round_counts_failing_ && now_.who == role::server) {
    next_.failing = next_.matching; // these were asked for, and no others
  }
  round_has_targets_ = false;
  round_counts_failing_ = false;
  const auto all = items();
  const auto held = selected_ < all.size() ? key_of(all[selected_]) : std::string{};
  error_ = std::exchange(round_problem_, {});
  if (!error_.empty()) {
    error_since_ = error_since_ == 0 ? now_unix : error_since_;
    next_ = now_;
    return false;
  }
  error_since_ = 0;
  const bool asked_more = now_.who != role::unknown;
  good_unix_ = asked_more ? now_unix : good_unix_;
  // An answer about what was closed meanwhile.
  if (next_.detail_uid != detail_path_) {
    next_.detail = {};
  }
  now_ = next_;
  if (now_.who == role::agent) {
    order_agents_targets();
  }
  remember_results();
  const auto changed = items();
  const auto same = std::ranges::find_if(
      changed, [&](const item& one) { return selected_ > 0 && key_of(one) == held; });
  if (same != changed.end()) {
    selected_ = static_cast<std::size_t>(same - changed.begin());
  }
  arrange();
  return true;
}

void view::order_agents_targets() {
  auto& rows = now_.targets;
  if (!filter_.empty()) {
    const auto wanted = ascii::to_lower(filter_);
    std::erase_if(rows, [&](const shown_target& row) {
      return ascii::to_lower(row.target).find(wanted) == std::string::npos;
    });
    now_.matching = rows.size();
  }
  for (auto& row : rows) {
    if (const auto known = seen_.find(row.key()); known != seen_.end() && row.failing()) {
      keep_since(row, known->second);
    }
  }
  const auto order = view_orders[sort_];
  std::ranges::stable_sort(rows, [&](const shown_target& a, const shown_target& b) {
    return order == "-since"   ? a.since_unix > b.since_unix
           : order == "since"  ? a.since_unix < b.since_unix
           : order == "target" ? a.target < b.target
                               : false;
  });
}

/// What was known before of a row that fails: there is no new story, or one of failures alone that
/// goes back to the results which were seen before.
void view::keep_since(shown_target& row, const seen_results& seen) {
  if (row.since_unix == 0 ||
      (row.since_at_least && seen.since_unix != 0 && seen.time_unix > row.since_unix)) {
    row.since_unix = seen.since_unix;
    row.since_at_least = seen.since_at_least;
  }
}

/// The strips of what is shown, and of nothing else.
void view::remember_results() {
  std::map<std::string, seen_results> kept;
  for (auto& row : now_.targets) {
    const auto key = row.key();
    auto known = seen_.find(key);
    auto seen = known != seen_.end() ? std::move(known->second) : seen_results{};
    if (now_.who == role::server) {
      note_result(seen, row);
    } else if (!row.strip.empty()) {
      seen.strip = row.strip;
      seen.since_unix = row.since_unix;
      seen.since_at_least = row.since_at_least;
      seen.time_unix = row.time_unix;
    }
    seen.since_unix = row.failing() ? seen.since_unix : 0;
    if (!seen.strip.empty()) {
      row.strip = seen.strip;
      kept[key] = std::move(seen);
    }
  }
  seen_ = std::move(kept);
}

/// A server says how many results have been like the last one: that many marks are known when a
/// row is seen first, and each later answer adds those that are new.
void view::note_result(seen_results& seen, const shown_target& row) {
  const char mark = row.failing()             ? strip_failed
                    : row.state == "ok"       ? strip_ok
                    : row.state == "degraded" ? strip_degraded
                                              : strip_unknown;
  const bool same = seen.state == row.state && row.streak >= seen.streak;
  auto more = row.streak - (same ? seen.streak : 0);
  if (row.time_unix == seen.time_unix) {
    more = 0;
  }
  seen.strip.append(std::min<std::uint64_t>(more, longest_strip), mark);
  seen.strip.erase(0, seen.strip.size() - std::min(seen.strip.size(), longest_strip));
  seen.state = row.state;
  seen.streak = row.streak;
  seen.time_unix = row.time_unix;
}

} // namespace xprober::top
