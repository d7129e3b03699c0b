#define CAF_SUITE event_routes

#include "xprober/web/event_routes.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "web/routes_fixture.hpp"
#include "xprober/web/event_text.hpp"

#include "caf/test/unit_test.hpp"

namespace event_routes_suite {

using namespace xprober;
using namespace routes_test;

namespace {

constexpr std::uint64_t newest = 7;

/// As the actor of a run "r" whose events 4 to 7 are kept; it does not wait.
event_page_ptr page_of(const event_request& request) {
  event_page page;
  page.run = "r";
  page.through = newest;
  page.lost = !request.run.empty() && (request.run != "r" || request.after < 3);
  for (auto i = request.after; request.run == "r" && !page.lost && i < newest; ++i) {
    page.events.push_back(std::make_shared<const told_event>(
        told_event{i + 1, event_record{state_counts{"kind", {}}}}));
  }
  return std::make_shared<const event_page>(std::move(page));
}

struct events_fixture : fixture {
  events_fixture() : fixture(sample::server_stats()) {
    events = fake<events_actor>(system, {[asked = asked](const event_request& request) {
                                  asked->push_back(request);
                                  return page_of(request);
                                }});
    web::add_event_route(routes, common(), events, 2);
  }

  ~events_fixture() { quit(events); }

  net::http_response open(const std::string& last_id = "") {
    net::http_request question{net::http::verb::get, "/api/v1/events", 11};
    if (!last_id.empty()) {
      question.set("Last-Event-ID", last_id);
    }
    net::http_response answer;
    answer.result(0U);
    io.restart();
    asio::co_spawn(io, routes.handle(question, {}),
                   [&](const std::exception_ptr& thrown, net::http_response got) {
                     if (!thrown) {
                       answer = std::move(got);
                     }
                   });
    io.run_for(std::chrono::seconds{5});
    return answer;
  }

  /// The next piece of a stream; "the end" at its end.
  std::string next(const net::http_response& stream) {
    std::string out = "no answer";
    io.restart();
    asio::co_spawn(io, stream.next_chunk(),
                   [&](const std::exception_ptr& thrown, std::optional<std::string> piece) {
                     out = thrown ? "an exception" : piece.value_or("the end");
                   });
    io.run_for(std::chrono::seconds{5});
    return out;
  }

  events_actor events;
  std::shared_ptr<std::vector<event_request>> asked =
      std::make_shared<std::vector<event_request>>();
};

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(event_routes_tests, events_fixture)

CAF_TEST(a new reader begins with what comes) {
  const auto answer = open();
  CAF_CHECK_EQUAL(answer.result_int(), 200u);
  CAF_CHECK(answer[net::http::field::content_type] == "text/event-stream");
  CAF_CHECK(answer[net::http::field::cache_control] == "no-store");
  CAF_REQUIRE(answer.next_chunk != nullptr);
  CAF_CHECK_EQUAL(next(answer), "retry: 2000\nid: r-7\n\n:\n\n");
  CAF_CHECK_EQUAL(next(answer), ":\n\n");
  CAF_REQUIRE_EQUAL(asked->size(), 2u);
  CAF_CHECK(!asked->at(0).wait);
  CAF_CHECK(asked->at(1).wait);
  CAF_CHECK_EQUAL(asked->at(1).run, "r");
  CAF_CHECK_EQUAL(asked->at(1).after, newest);
}

CAF_TEST(a reader who comes back gets what it has missed) {
  const auto answer = open("r-5");
  const auto first = next(answer);
  CAF_CHECK(first.starts_with("retry: 2000\nid: r-5\n\nid: r-6\nevent: states\ndata: {"));
  CAF_CHECK(has(first, "\n\nid: r-7\n"));
  CAF_CHECK(!has(first, "reset"));
  CAF_CHECK_EQUAL(next(answer), ":\n\n");
}

CAF_TEST(what is not kept any more is a reset) {
  for (const auto* id : {"r-2", "other-5", "nonsense"}) {
    const auto answer = open(id);
    CAF_CHECK_EQUAL(next(answer), "retry: 2000\nid: r-7\n\nid: r-7\nevent: reset\ndata: {}\n\n");
    CAF_CHECK_EQUAL(next(answer), ":\n\n");
  }
}

CAF_TEST(a script says where it was in the address) {
  CAF_CHECK(has(next(get("/api/v1/events?last_event_id=r-6")), "id: r-7\nevent: states"));
  CAF_CHECK_EQUAL(get("/api/v1/events?last=r-6").result_int(), 400u);
}

CAF_TEST(above the limit a reader is told to come later) {
  auto first = open();
  const auto second = open();
  const auto third = open();
  CAF_CHECK_EQUAL(third.result_int(), 503u);
  CAF_CHECK(third[net::http::field::retry_after] == "10");
  first.next_chunk = nullptr;
  const auto fourth = open();
  CAF_CHECK_EQUAL(fourth.result_int(), 200u);
}

CAF_TEST(a stream ends with the actor) {
  const auto answer = open();
  next(answer);
  kill(events);
  CAF_CHECK_EQUAL(next(answer), "the end");
  CAF_CHECK_EQUAL(open().result_int(), 503u);
}

CAF_TEST(without events there is nothing to follow) {
  routes = {};
  web::add_event_route(routes, common(), events_actor{});
  CAF_CHECK_EQUAL(open().result_int(), 404u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace event_routes_suite
