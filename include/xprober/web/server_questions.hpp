#pragma once

#include <memory>
#include <optional>

#include "xprober/web/server_routes.hpp"

// What the server's endpoints ask its actors.
namespace xprober::web {

using server_handles_ptr = std::shared_ptr<const server_handles>;

/// All aggregates, with each target's values where these are wanted.
boost::asio::awaitable<caf::expected<store_view>> ask_store(server_handles_ptr h,
                                                            bool with_targets);

/// A page of targets, or a tally.
boost::asio::awaitable<caf::expected<store_view>> ask_page(server_handles_ptr h,
                                                           target_question_ptr wanted);

boost::asio::awaitable<caf::expected<agent_listing>> ask_agents(server_handles_ptr h);

/// The labels of all targets; null where there are none or the pool is too busy to say: what was
/// measured is shown without them then.
boost::asio::awaitable<target_labels_ptr> ask_labels(server_handles_ptr h);

/// Adds to a question what only others know: which agents are lost, and labels. Nothing, or what is
/// answered where one of them is needed and does not say.
boost::asio::awaitable<std::optional<net::http_response>>
complete(server_handles_ptr h, std::shared_ptr<target_question> question);

} // namespace xprober::web
