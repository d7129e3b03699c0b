#include "xprober/web/event_text.hpp"

#include <charconv>
#include <variant>

#include "xprober/domain/clock.hpp"
#include "xprober/notify/incident_json.hpp"
#include "xprober/web/json.hpp"

namespace xprober::web {

namespace {

/// Readers that were cut off come back after this time.
constexpr std::string_view retry_line = "retry: 2000\n";
constexpr std::string_view no_events = ":\n\n";

struct event_writer {
  json operator()(const incident_ptr& shared) const {
    auto out = notify::incident_json(*shared);
    out.erase("timeline");
    return out;
  }

  json operator()(const agent_line& line) const {
    auto faults = json::array();
    for (const auto& fault : line.own_faults) {
      faults.push_back(
          {{"reason", fault.reason}, {"detail", fault.detail}, {"since_unix", fault.since_unix}});
    }
    const auto& skew = line.clock_skew_ms;
    const auto push = line.last_push_unix;
    return {{"region", line.agent.region},
            {"local_ip", line.agent.local_ip},
            {"state", to_string(line.state)},
            {"first_seen_unix", line.first_seen_unix},
            {"last_seen_unix", line.last_seen_unix},
            {"last_push_unix", push > 0 ? json(push) : json(nullptr)},
            {"version", line.version},
            {"http_addr", line.http_addr},
            {"clock_skew_ms", skew ? json(*skew) : json(nullptr)},
            {"own_faults", std::move(faults)}};
  }

  json operator()(const state_counts& counts) const {
    auto states = json::object();
    for (std::size_t i = 0; i < counts.series.size(); ++i) {
      states[std::string{to_string(static_cast<series_state>(i))}] = counts.series[i];
    }
    return {{"kind", counts.kind}, {"states", std::move(states)}};
  }
};

/// `data` is one line with its end. A field `id` counts for the reader also where no event is.
std::string event_message(std::string_view name, const event_place& place, std::string_view data) {
  auto text = "id: " + event_id(place) + "\n";
  if (!name.empty()) {
    text += "event: ";
    text += name;
    text += "\ndata: ";
    text += data;
  }
  return text + "\n";
}

} // namespace

std::string event_id(const event_place& place) {
  return place.run + "-" + std::to_string(place.number);
}

std::optional<event_place> parse_event_id(std::string_view id) {
  const auto dash = id.rfind('-');
  if (dash == std::string_view::npos || dash == 0) {
    return std::nullopt;
  }
  event_place place{std::string{id.substr(0, dash)}, 0};
  const auto digits = id.substr(dash + 1);
  const auto* begin = digits.data();
  const auto* end = begin + digits.size();
  const auto [stopped, error] = std::from_chars(begin, end, place.number);
  if (error != std::errc{} || stopped != end) {
    return std::nullopt;
  }
  return place;
}

std::string_view event_name(const event_record& record) noexcept {
  switch (record.what.index()) {
  case 0: return "incident";
  case 1: return "agent";
  default: return "states";
  }
}

std::string event_data(const event_record& record) {
  return json_text(std::visit(event_writer{}, record.what));
}

std::string events_begin(const event_place& place) {
  return std::string{retry_line} + event_message("", place, "");
}

std::string events_reset(const event_place& place) { return event_message("reset", place, "{}\n"); }

std::string events_text(const event_page& page) {
  std::string text;
  for (const auto& event : page.events) {
    const event_place place{page.run, event->number};
    text += event_message(event_name(event->record), place, event_data(event->record));
  }
  return text.empty() ? std::string{no_events} : text;
}

} // namespace xprober::web
