#pragma once

#include <chrono>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "xprober/domain/wire/wire.hpp"
#include "xprober/rpc/client_engine.hpp"

namespace xprober::rpc {

/// Says goodbye (`Server.Leave`) to several servers at once, over a connection of its own to each,
/// with the credentials that they know. Comes back when all have answered, or after `longest`, and
/// says in the log who has not heard it. Of `options` all but the servers count. On the context's
/// thread only.
boost::asio::awaitable<void> say_goodbye(boost::asio::io_context& context, client_options options,
                                         client_credentials credentials,
                                         std::vector<net::endpoint> servers, leave_request goodbye,
                                         std::chrono::milliseconds longest);

} // namespace xprober::rpc
