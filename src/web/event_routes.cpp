#include "xprober/web/event_routes.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "xprober/bridge/ask.hpp"
#include "xprober/web/event_text.hpp"

namespace xprober::web {

namespace {

namespace asio = boost::asio;
namespace http = net::http;
using response = net::http_response;

/// A question waits for 15 s where nothing happens; the rest is the way.
constexpr std::chrono::seconds event_patience{20};
/// More of them are written on the thread for large answers: one takes some microseconds.
constexpr std::size_t few_events = 32;

/// What all readers have in common. Used on the listener's thread only.
struct event_desk {
  caf::actor gateway;
  events_actor events;
  std::chrono::milliseconds patience;
  std::size_t max_readers = 0;
  std::shared_ptr<net::work_thread> work; ///< null: there is none
  std::size_t readers = 0;
};

/// One reader, for as long as its stream is there.
struct event_reader {
  explicit event_reader(std::shared_ptr<event_desk> at) : desk(std::move(at)) { ++desk->readers; }
  event_reader(const event_reader&) = delete;
  event_reader& operator=(const event_reader&) = delete;
  ~event_reader() { --desk->readers; }

  /// What a page says to it.
  asio::awaitable<std::string> take(event_page_ptr page) {
    place = {page->run, page->through};
    if (page->lost) {
      co_return events_reset(place);
    }
    auto work = desk->work;
    if (page->events.size() <= few_events) {
      work = nullptr;
    }
    auto make = [page = std::move(page)] { return events_text(*page); };
    co_return co_await made_apart(std::move(work), std::move(make));
  }

  std::shared_ptr<event_desk> desk;
  event_place place;
  std::string ready; ///< what it is told first
};

asio::awaitable<std::optional<std::string>> next_events(std::shared_ptr<event_reader> reader) {
  if (!reader->ready.empty()) {
    co_return std::optional<std::string>{std::exchange(reader->ready, {})};
  }
  event_request question;
  question.run = reader->place.run;
  question.after = reader->place.number;
  const auto page = co_await bridge::ask<event_page_ptr>(
      reader->desk->gateway, reader->desk->events, event_patience, std::move(question));
  if (!page) {
    co_return std::nullopt; // it comes back, and is told why
  }
  auto text = co_await reader->take(*page);
  co_return std::optional<std::string>{std::move(text)};
}

response too_many_readers(std::size_t most) {
  auto out = net::error_response(http::status::service_unavailable,
                                 "there are " + std::to_string(most) +
                                     " readers of events already; try again later");
  out.set(http::field::retry_after, "10");
  return out;
}

/// Where the reader is, by what it says: an empty run where it is new.
event_place place_of(const std::string& id) {
  if (id.empty()) {
    return {};
  }
  // An id that cannot be read is of no run that there was.
  return parse_event_id(id).value_or(event_place{"unknown", 0});
}

asio::awaitable<response> follow(std::shared_ptr<event_desk> desk, std::string id) {
  if (!desk->events) {
    co_return net::error_response(http::status::not_found, "this server has no events to follow");
  }
  if (desk->readers >= desk->max_readers) {
    co_return too_many_readers(desk->max_readers);
  }
  const auto reader = std::make_shared<event_reader>(desk);
  reader->place = place_of(id);
  event_request question;
  question.run = reader->place.run;
  question.after = reader->place.number;
  question.wait = false;
  const auto page = co_await bridge::ask<event_page_ptr>(desk->gateway, desk->events,
                                                         desk->patience, std::move(question));
  if (!page) {
    co_return unavailable("events", page.error());
  }
  if (reader->place.run.empty() || (*page)->lost) {
    reader->place = {(*page)->run, (*page)->through};
  }
  reader->ready = events_begin(reader->place);
  const auto first = co_await reader->take(*page);
  reader->ready += first;
  auto out = net::text_response(http::status::ok, "", "text/event-stream");
  out.set("X-Accel-Buffering", "no"); // nginx would hold events back
  out.next_chunk = [reader] { return next_events(reader); };
  co_return out;
}

asio::awaitable<response> follow_events(std::shared_ptr<event_desk> desk, std::string header,
                                        net::request_context context) {
  if (const auto problem = unknown_parameter(context.query, {"last_event_id"})) {
    co_return bad_request(*problem);
  }
  auto id = header.empty() ? context.query.get_or("last_event_id", "") : std::move(header);
  co_return co_await follow(std::move(desk), std::move(id));
}

} // namespace

void add_event_route(net::router& routes, const common_handles& handles, events_actor events,
                     std::size_t max_readers) {
  const auto desk = std::make_shared<event_desk>(
      event_desk{handles.gateway, std::move(events), handles.patience, max_readers, handles.work});
  routes.get("/api/v1/events",
             uncached([desk](const net::http_request& request, net::request_context context) {
               const auto field = request["Last-Event-ID"];
               return follow_events(desk, std::string{field.data(), field.size()},
                                    std::move(context));
             }));
}

} // namespace xprober::web
