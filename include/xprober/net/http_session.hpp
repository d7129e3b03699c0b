#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "xprober/net/byte_budget.hpp"
#include "xprober/net/http_types.hpp"
#include "xprober/net/peer_log.hpp"
#include "xprober/net/session_control.hpp"
#include "xprober/net/stream.hpp"

namespace xprober::net {

struct http_session_options {
  std::uint32_t max_header = 16 * 1024; ///< bytes; more is answered with 431
  std::uint64_t max_body = 1024 * 1024; ///< bytes; more is answered with 413
  milliseconds header_timeout{10'000};  ///< from a request's first byte to the end of its header
  milliseconds body_window{30'000};     ///< see `progress_deadline`
  milliseconds idle_timeout{75'000};    ///< between requests
  milliseconds write_timeout{30'000};   ///< without progress
  std::string elsewhere;                ///< for clients of MessagePack-RPC: where it is spoken
  std::shared_ptr<peer_log> log;        ///< told of such clients; null: nobody is
  http_judge judge{};                   ///< asked of each head; null: all are accepted
  port_account account{};               ///< where there is no room: 503 with Retry-After
};

/// The status line and the header of a response, with the empty line behind it.
std::string http_head(const http_response& response);

/// Serves HTTP/1.1 (and 1.0) on a connection, one request at a time, until the client, an error,
/// a limit or the listener ends it. A head is judged before a byte of its body is parsed: a request
/// that is refused is answered and, where a body follows, the connection ends without it. Every
/// answer has `browser_headers`. What `connection.unread` holds is read first. Returns when the
/// connection is closed.
asio::awaitable<void> serve_http(std::unique_ptr<stream> connection, http_handler handler,
                                 http_session_options options,
                                 std::shared_ptr<session_control> control);

} // namespace xprober::net
