#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <caf/actor.hpp>

#include "xprober/actors/actors.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/rpc/codec.hpp"
#include "xprober/rpc/msgpack_frame.hpp"

namespace xprober::rpc {

/// The actors that sessions ask.
struct server_actors {
  caf::actor gateway; ///< see ask.hpp
  registry_actor registry;
  target_pool_actor target_pool;
  journal_actor journal;
  stats_actor stats{}; ///< is told what came; may be null
};

struct server_options {
  std::string listen = "127.0.0.1:6001"; ///< `rpc_listen_addr`
  rpc_config rpc;                        ///< certificate, client authority, token
  frame_limits frame;                    ///< of one message
  decode_limits decode;
  std::size_t max_sessions = 20'000;
  std::size_t max_in_flight = 64; ///< requests of one session that have no answer yet
  /// Answers of one session that wait to be sent; above it no further request is read.
  std::size_t max_unsent = 8 * 1024 * 1024;
  /// Messages of all sessions that have not arrived whole; above it large ones are refused.
  std::size_t max_buffered = 512 * 1024 * 1024;
  std::chrono::milliseconds idle_timeout{120'000}; ///< agents ask every 5 s
  std::chrono::milliseconds handshake_timeout{10'000};
  std::chrono::milliseconds message_window{30'000}; ///< see net::progress_deadline
  std::chrono::milliseconds write_timeout{30'000};  ///< without progress
  std::chrono::milliseconds answer_timeout{10'000}; ///< of the actors
};

/// The server's side of the protocol on one port: MessagePack-RPC, HTTP, and both over TLS, told
/// apart by the first byte of a connection. A first byte of TLS without a certificate, or another
/// one with it, ends the connection, after a sentence that the client can show.
///
/// Where a token is set, HTTP requests need it as `Authorization: Bearer ...`. MessagePack-RPC has
/// no place for it, so its requests are refused. A client certificate that was verified stands
/// for the token in both.
///
/// Runs on an io_context that one thread runs; constructed before or on that thread.
class server {
public:
  /// Listens at once. Throws net::setup_error.
  server(boost::asio::io_context& context, server_actors actors, server_options options);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// With the real port where the configured one is 0.
  boost::asio::ip::tcp::endpoint local_endpoint() const;

  /// Reads certificate and token anew, for connections and requests that come from now on. Throws
  /// net::setup_error, and then the old ones stay. Callable from any thread.
  void reload(const rpc_config& rpc);

  /// See net::listener::stop.
  void stop(std::chrono::milliseconds grace, std::function<void()> done = {});

  /// Gives the counts to `receive`, on the io_context. Callable from any thread.
  void counters(std::function<void(rpc_stats)> receive) const;

private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

} // namespace xprober::rpc
