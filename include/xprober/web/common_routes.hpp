#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <caf/all.hpp>

#include "xprober/actors/actors.hpp"
#include "xprober/net/router.hpp"
#include "xprober/net/work_thread.hpp"
#include "xprober/web/shared_answers.hpp"

namespace xprober::web {

/// Reads the configuration again. Gives the problems as text for people; empty when the new
/// configuration is in force.
using reload_hook = std::function<boost::asio::awaitable<std::string>()>;

/// What both roles' endpoints need.
struct common_handles {
  caf::actor gateway; ///< the gateway that `bridge::ask` goes through
  stats_actor stats;
  health_actor health; ///< null: `/-/healthy` asks stats alone
  reload_hook reload;  ///< null: `POST /-/reload` is answered with 501
  /// An actor that does not answer within this time is answered for with 503.
  std::chrono::milliseconds patience{5000};
  /// Where large answers are made and packed; null: on the sessions' own thread.
  std::shared_ptr<net::work_thread> work{};
  /// Those on their way, of all endpoints.
  std::shared_ptr<shared_answers> answers = std::make_shared<shared_answers>();
};

/// What `make()` gives, made on the thread for large answers. What it uses belongs to it.
template <class F>
boost::asio::awaitable<std::invoke_result_t<F&>> made_apart(std::shared_ptr<net::work_thread> work,
                                                            F make) {
  if (!work) {
    co_return make();
  }
  co_return co_await work->run(std::move(make));
}

/// The same for a text that is JSON.
template <class F>
boost::asio::awaitable<net::http_response> json_apart(std::shared_ptr<net::work_thread> work,
                                                      F make) {
  auto text = co_await made_apart(std::move(work), std::move(make));
  co_return net::json_response(net::http::status::ok, std::move(text));
}

/// `/stats`, `/-/healthy` (200 while every vital actor answers), `POST /-/reload`.
void add_common_routes(net::router& routes, const std::shared_ptr<const common_handles>& handles);

/// A handler whose answers nobody may keep: `Cache-Control: no-store`.
net::http_handler uncached(net::http_handler handler);

/// A handler of what may be long and is asked for again and again: its answers are condensed (see
/// net/condense.hpp). What has an entity tag may be kept and must be asked for anew each time:
/// `Cache-Control: private, no-cache`; the others are `no-store`. Equal questions at the same time
/// share one answer. Of `handles` are used the thread and the answers on their way.
net::http_handler condensed(const common_handles& handles, net::http_handler handler);

/// 400 with what is wrong.
net::http_response bad_request(std::string_view problem);

/// 503 that says which actor gave no answer and why.
net::http_response unavailable(std::string_view actor, const caf::error& reason);

/// The largest `limit` of a listing.
inline constexpr std::uint64_t max_listing = 10'000;

/// Labels are asked for by parameters `label.NAME`.
inline constexpr std::string_view label_prefix = "label.";

/// Says what is wrong with the names of the parameters; nothing if all are in `allowed`, each once.
/// Where `label_prefix` is in it, so are those that begin with it.
std::optional<std::string> unknown_parameter(const net::query_params& query,
                                             std::span<const std::string_view> allowed);
inline std::optional<std::string>
unknown_parameter(const net::query_params& query, std::initializer_list<std::string_view> allowed) {
  return unknown_parameter(query, std::span{allowed.begin(), allowed.size()});
}

/// The parameters `label.NAME` in the order of their names. On a bad name the value is empty and
/// `problem` says what is allowed.
std::optional<std::vector<std::pair<std::string, std::string>>>
label_parameters(const net::query_params& query, std::string& problem);

/// The parameter `limit`, 1 to `most`, 100 where it is not given. On a bad one the value is empty
/// and `problem` says what is allowed.
std::optional<std::uint64_t> limit_parameter(const net::query_params& query, std::string& problem,
                                             std::uint64_t most = max_listing);

/// The parameter `name`, which must be one of `allowed`; "" where it is not given. On a bad one the
/// value is empty and `problem` says what is allowed.
std::optional<std::string> choice_parameter(const net::query_params& query, std::string_view name,
                                            std::initializer_list<std::string_view> allowed,
                                            std::string& problem);

} // namespace xprober::web
