#include "xprober/web/status_routes.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "xprober/bridge/ask.hpp"
#include "xprober/web/page_routes.hpp"
#include "xprober/web/status_json.hpp"

namespace xprober::web {

namespace {

namespace asio = boost::asio;
namespace http = net::http;
using response = net::http_response;

/// Strangers ask as often as they like: making it takes a twentieth of the time at most.
constexpr std::chrono::seconds status_lasts{5};
constexpr std::chrono::seconds status_lasts_long{60};
constexpr int status_share = 20;
/// Closed incidents have to be read from the disk.
constexpr std::chrono::seconds past_lasts{60};
constexpr std::size_t most_past_incidents = 1000;
/// Who asks while it is being made looks so often whether it is there.
constexpr std::chrono::milliseconds status_pause{20};

/// What was told last. Of the sessions' thread.
struct status_memory {
  page_settings_ptr of; ///< the settings that it is made of
  monotonic_time made{};
  nanoseconds lasts{0};
  std::string text; ///< empty: none
  monotonic_time past_made{};
  incident_answer past; ///< closed ones, and when anything was known; null: none were read
  bool making = false;

  bool is_good(const page_settings_ptr& shown) const {
    return of == shown && !text.empty() && monotonic_clock::now() - made < lasts;
  }
};
using status_memory_ptr = std::shared_ptr<status_memory>;

/// As long as this is there it is being made.
class status_turn {
public:
  explicit status_turn(status_memory_ptr memory) : memory_(std::move(memory)) {
    memory_->making = true;
  }
  ~status_turn() { memory_->making = false; }
  status_turn(const status_turn&) = delete;
  status_turn& operator=(const status_turn&) = delete;

private:
  status_memory_ptr memory_;
};

/// Until it is not being made any more, or patience is over.
asio::awaitable<void> await_status(status_memory_ptr memory, std::chrono::milliseconds patience) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer{executor};
  const auto until = monotonic_clock::now() + patience;
  while (memory->making && monotonic_clock::now() < until) {
    boost::system::error_code woken;
    timer.expires_after(status_pause);
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
}

response no_status() {
  return net::error_response(http::status::not_found,
                             "there is no status page here: status.enabled is false");
}

response status_answer(std::string text) {
  return net::json_response(http::status::ok, std::move(text));
}

/// Those that were closed in the days that are shown, and concern any group.
asio::awaitable<caf::expected<incident_answer>> ask_past(server_handles_ptr h,
                                                         page_settings_ptr shown) {
  incident_request question;
  question.query.open = false;
  question.query.since = wall_clock::now() - std::chrono::hours{24 * status_days};
  question.query.limit = most_past_incidents;
  question.with_known = true;
  question.query.also = [shown](const incident& what) {
    return std::ranges::any_of(shown->status.groups,
                               [&](const status_group& group) { return concerns(group, what); });
  };
  co_return co_await bridge::query<incident_answer>(h->common.gateway, h->incidents,
                                                    h->common.patience, question);
}

/// Both lists; nothing where there are none.
struct status_incidents {
  incident_list open = std::make_shared<const std::vector<incident>>();
  incident_answer past = std::make_shared<const storage::incident_page>();
};

asio::awaitable<caf::expected<status_incidents>>
ask_incidents(server_handles_ptr h, page_settings_ptr shown, status_memory_ptr memory) {
  status_incidents out;
  if (!h->incidents) {
    co_return out;
  }
  const auto now = monotonic_clock::now();
  if (!memory->past || memory->of != shown || now - memory->past_made >= past_lasts) {
    auto past = co_await ask_past(h, shown);
    if (!past) {
      co_return past.error();
    }
    memory->past = std::move(*past);
    memory->past_made = now;
  }
  out.past = memory->past;
  auto open = co_await bridge::query<incident_list>(h->common.gateway, h->incidents,
                                                    h->common.patience, open_incidents_atom_v);
  if (!open) {
    co_return open.error();
  }
  out.open = std::move(*open);
  co_return out;
}

asio::awaitable<response> make_status(server_handles_ptr h, status_memory_ptr memory,
                                      page_settings_ptr shown) {
  const status_turn turn{memory};
  const auto began = monotonic_clock::now();
  const auto question = std::make_shared<target_question>();
  question->tally = status_question(shown->status);
  auto missing = co_await complete(h, question);
  if (missing) {
    co_return std::move(*missing);
  }
  const auto counted = co_await ask_page(h, question);
  if (!counted) {
    co_return unavailable("store", counted.error());
  }
  auto incidents = co_await ask_incidents(h, shown, memory);
  if (!incidents) {
    co_return unavailable("incidents", incidents.error());
  }
  auto make = [shown, counted = *counted, all = std::move(*incidents)] {
    return status_json(shown->status, *counted, *all.open, all.past->incidents, all.past->known,
                       to_unix_seconds(wall_clock::now()));
  };
  memory->text = co_await made_apart(h->common.work, std::move(make));
  memory->of = shown;
  memory->made = monotonic_clock::now();
  memory->lasts = std::clamp<nanoseconds>((memory->made - began) * status_share, status_lasts,
                                          status_lasts_long);
  co_return status_answer(memory->text);
}

asio::awaitable<response> show_status(server_handles_ptr h, status_memory_ptr memory,
                                      net::request_context context) {
  const auto shown = h->shown->now;
  if (!shown->status.enabled) {
    co_return no_status();
  }
  if (const auto problem = unknown_parameter(context.query, {})) {
    co_return bad_request(*problem);
  }
  // One makes it, for all who ask meanwhile.
  co_await await_status(memory, h->common.patience);
  if (memory->is_good(shown)) {
    co_return status_answer(memory->text);
  }
  if (memory->making) {
    co_return net::busy_response("the status is being made; come again");
  }
  co_return co_await make_status(h, memory, shown);
}

asio::awaitable<response> show_status_page(server_handles_ptr h, net::request_context context) {
  if (!h->shown->now->status.enabled && !context.query.get("group")) {
    co_return no_status();
  }
  co_return co_await page_response(site_role::server);
}

} // namespace

void add_status_routes(net::router& routes, const server_handles_ptr& h) {
  const auto memory = std::make_shared<status_memory>();
  routes.get("/api/v1/status", condensed(h->common, [h, memory](const auto&, auto context) {
               return show_status(h, memory, std::move(context));
             }));
  routes.get("/status", uncached([h](const auto&, auto context) {
               return show_status_page(h, std::move(context));
             }));
}

bool is_public(const status_config& status, const net::request_context& context) {
  return context.path == "/api/v1/status" ||
         (context.path == "/status" && !context.query.get("group")) ||
         (status.enabled && context.path.starts_with("/assets/"));
}

} // namespace xprober::web
