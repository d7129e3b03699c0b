#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace xprober::stream {

using io_executor = boost::asio::io_context::executor_type;

/// A coroutine on the engine's thread.
template <class T>
using task = boost::asio::awaitable<T, io_executor>;

/// Errors come as values.
inline constexpr auto use_task = boost::asio::as_tuple(boost::asio::use_awaitable_t<io_executor>{});

using error_code = boost::system::error_code;
using endpoint = boost::asio::ip::tcp::endpoint;

} // namespace xprober::stream
