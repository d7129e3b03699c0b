#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <caf/all.hpp>

#include "xprober/actors/actors.hpp"
#include "xprober/net/router.hpp"

namespace xprober::web {

/// Reads the configuration again. Gives the problems as text for people; empty when the new
/// configuration is in force.
using reload_hook = std::function<boost::asio::awaitable<std::string>()>;

/// What both roles' endpoints need.
struct common_handles {
  caf::actor gateway; ///< the gateway that `bridge::ask` goes through
  stats_actor stats;
  reload_hook reload; ///< null: `POST /-/reload` is answered with 501
  /// An actor that does not answer within this time is answered for with 503.
  std::chrono::milliseconds patience{5000};
};

/// `/stats`, `/-/healthy` (an actor's round trip answers in time), `POST /-/reload`.
void add_common_routes(net::router& routes, const std::shared_ptr<const common_handles>& handles);

/// A handler whose answers nobody may keep: `Cache-Control: no-store`.
net::http_handler uncached(net::http_handler handler);

/// 400 with what is wrong.
net::http_response bad_request(std::string_view problem);

/// 503 that says which actor gave no answer and why.
net::http_response unavailable(std::string_view actor, const caf::error& reason);

/// The page as an answer, with its security policy.
net::http_response page_response(std::string html);

/// The largest `limit` of a listing.
inline constexpr std::uint64_t max_listing = 10'000;

/// Says what is wrong with the names of the parameters; nothing if all are in `allowed`.
std::optional<std::string> unknown_parameter(const net::query_params& query,
                                             std::initializer_list<std::string_view> allowed);

/// The parameter `limit`, 1 to `max_listing`, 100 where it is not given. On a bad one the value is
/// empty and `problem` says what is allowed.
std::optional<std::uint64_t> limit_parameter(const net::query_params& query, std::string& problem);

/// The parameter `name`, which must be one of `allowed`; "" where it is not given. On a bad one the
/// value is empty and `problem` says what is allowed.
std::optional<std::string> choice_parameter(const net::query_params& query, std::string_view name,
                                            std::initializer_list<std::string_view> allowed,
                                            std::string& problem);

} // namespace xprober::web
