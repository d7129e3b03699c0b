#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <caf/actor.hpp>

#include "xprober/actors/chain_actors.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/net/byte_budget.hpp"
#include "xprober/net/work_thread.hpp"
#include "xprober/rpc/access_list.hpp"
#include "xprober/rpc/codec.hpp"
#include "xprober/rpc/join_desk.hpp"
#include "xprober/rpc/msgpack_frame.hpp"

namespace boost::asio::ssl {
class context;
}

namespace xprober::rpc {

/// The actors that sessions ask.
struct server_actors {
  caf::actor gateway; ///< see ask.hpp
  registry_actor registry;
  target_pool_actor target_pool;
  journal_actor journal;
  stats_actor stats{};   ///< is told what came; may be null
  chains_actor chains{}; ///< null: Server.Chains is not known here
};

struct server_options {
  std::string listen = "127.0.0.1:6001"; ///< `rpc_listen_addr`
  rpc_config rpc;                        ///< certificate, client authority, token
  std::vector<access_entry> access{};    ///< for whom credentials speak; empty: for everybody
  std::shared_ptr<join_desk> join{};     ///< gives agents certificates; null: nobody does
  frame_limits frame;                    ///< of one message
  decode_limits decode;
  std::size_t max_sessions = 20'000;
  std::size_t max_peer_sessions = 1024; ///< of one peer, see net::peer_key
  std::size_t max_in_flight = 64;       ///< requests of one session that have no answer yet
  /// Bytes of them; above it no further request is read.
  std::size_t max_in_flight_bytes = 8 * 1024 * 1024;
  /// Answers of one session that wait to be sent; above it no further request is read.
  std::size_t max_unsent = 8 * 1024 * 1024;
  /// What messages of all sessions may hold, and what is counted of them and of connections.
  net::port_account account{std::make_shared<net::byte_budget>(net::byte_limits{}),
                            std::make_shared<port_counters>()};
  /// Where large requests are read and large lists encoded; null: on the sessions' own thread.
  std::shared_ptr<net::work_thread> work{};
  std::chrono::milliseconds idle_timeout{120'000}; ///< agents ask every 5 s
  std::chrono::milliseconds handshake_timeout{10'000};
  std::chrono::milliseconds message_window{30'000}; ///< see net::progress_deadline
  std::chrono::milliseconds write_timeout{30'000};  ///< without progress
  std::chrono::milliseconds answer_timeout{10'000}; ///< of the actors
};

/// What a server shows to agents and asks of them, as its files have it.
struct server_credentials {
  std::string token; ///< empty: none
  access_list access;
  std::shared_ptr<join_desk> join{};              ///< null: agents do not join
  joined_grants joined{};                         ///< null with `join`
  std::shared_ptr<boost::asio::ssl::context> tls; ///< null without a certificate
};

/// Reads the files, and so blocks on the disk. Throws net::setup_error, which names the key and the
/// file. `join` may be null.
server_credentials read_server_credentials(const rpc_config& rpc,
                                           const std::vector<access_entry>& access,
                                           std::shared_ptr<join_desk> join = {});

/// The server's side of the protocol on one port: MessagePack-RPC, HTTP, and both over TLS, told
/// apart by the first byte of a connection. A first byte of TLS without a certificate, or another
/// one with it, ends the connection, after a sentence that the client can show.
///
/// Where a token is set, HTTP requests need it as `Authorization: Bearer ...`, and one without it
/// is refused before its body is read. MessagePack-RPC has no place for it, so its requests are
/// refused, and large ones not read. A client certificate that was verified stands
/// for the token in both. Where there is an access list, who is not in it is refused but for the
/// holder of that token, and so are calls in the name of agents that he does not speak for. With a
/// `join_desk` it is the same for the agents that have joined, unless the list names their
/// certificates; who joins has none yet, so certificates are asked for and not required.
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

  /// These count for connections and requests that come from now on. Callable from any thread.
  void use(server_credentials credentials);

  /// See net::listener::stop.
  void stop(std::chrono::milliseconds grace, std::function<void()> done = {});

  /// Gives the counts to `receive`, on the io_context. Callable from any thread.
  void counters(std::function<void(rpc_stats)> receive) const;

private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

} // namespace xprober::rpc
