#pragma once

// What all sessions of one server share, on its one thread.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/context.hpp>

#include "xprober/domain/ascii.hpp"
#include "xprober/net/peer_log.hpp"
#include "xprober/net/session_control.hpp"
#include "xprober/net/stream.hpp"
#include "xprober/rpc/server.hpp"

namespace xprober::rpc {

namespace asio = boost::asio;

/// Bytes of an answer that several sessions may send at the same time.
using shared_bytes = std::shared_ptr<const std::string>;

/// Encodes each target list once for all agents that get it.
class encoded_lists {
public:
  shared_bytes get(const targets_answer& answer, wire_format format);

private:
  struct entry {
    std::weak_ptr<const get_targets_response> answer;
    shared_bytes bytes;
  };
  std::map<std::pair<const get_targets_response*, wire_format>, entry> entries_;
  std::size_t bytes_ = 0;
};

struct server_core {
  server_actors actors;
  server_options options;
  std::string token;
  std::shared_ptr<asio::ssl::context> tls; ///< null without a certificate
  rpc_stats counters;
  encoded_lists lists;
  net::peer_log log{"rpc"};
  std::size_t buffered = 0; ///< see `server_options::max_buffered`
};

enum class call_status : std::uint8_t { ok, unknown_method, bad_request, unavailable };

/// A request, decoded.
using service_call = std::variant<get_targets_request, push_request, push_batch_request>;

struct decoded_call {
  call_status status = call_status::ok;
  std::string error;
  service_call call;
};

struct call_answer {
  call_status status = call_status::ok;
  std::string error;
  shared_bytes body; ///< the result, encoded; set when `status` is ok
};

/// Decodes the argument of a method.
decoded_call decode_call(const server_core& core, std::string_view method,
                         std::string_view argument, wire_format format);

/// The same for a batch that came as the body of an HTTP request.
decoded_call decode_batch_call(std::string_view bytes);

/// Asks the actors. `peer` is the caller's socket address; `own_connection` that nobody else's
/// calls come from there, as those through a proxy for HTTP do.
asio::awaitable<call_answer> perform(std::shared_ptr<server_core> core, service_call call,
                                     wire_format format, std::string peer, bool own_connection);

/// True where a client may call: see `server`.
bool may_call(const server_core& core, bool client_verified, std::string_view authorization);

/// What a connection begins with is read in pieces of this size.
inline constexpr std::size_t first_read_size = 4 * 1024;

constexpr bool begins_msgpack_rpc(unsigned char first) noexcept { return (first & 0xf0U) == 0x90; }

inline bool begins_http(unsigned char first) noexcept {
  return ascii::is_letter(static_cast<char>(first));
}

/// Tells a client that does not speak TLS, in its own protocol, that it has to; and one that does,
/// that there is none here. They return when the connection is closed.
asio::awaitable<void> refuse_plain(std::shared_ptr<server_core> core,
                                   std::unique_ptr<net::stream> connection);
asio::awaitable<void> refuse_tls(std::shared_ptr<server_core> core,
                                 std::unique_ptr<net::stream> connection);

/// A MessagePack-RPC session; returns when the connection is closed.
asio::awaitable<void> serve_msgpack(std::shared_ptr<server_core> core,
                                    std::unique_ptr<net::stream> connection,
                                    std::shared_ptr<net::session_control> control);

/// An HTTP session; returns when the connection is closed.
asio::awaitable<void> serve_rpc_http(std::shared_ptr<server_core> core,
                                     std::unique_ptr<net::stream> connection,
                                     std::shared_ptr<net::session_control> control);

} // namespace xprober::rpc
