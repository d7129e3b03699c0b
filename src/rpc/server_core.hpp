#pragma once

// What all sessions of one server share, on its one thread.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "xprober/domain/ascii.hpp"
#include "xprober/net/attempt_limit.hpp"
#include "xprober/net/http_types.hpp"
#include "xprober/net/peer_log.hpp"
#include "xprober/net/session_control.hpp"
#include "xprober/net/stream.hpp"
#include "xprober/rpc/access_list.hpp"
#include "xprober/rpc/instance_owners.hpp"
#include "xprober/rpc/join_desk.hpp"
#include "xprober/rpc/server.hpp"

namespace xprober::net {
class router;
}

namespace xprober::rpc {

namespace asio = boost::asio;

/// Bytes of an answer that several sessions may send at the same time.
using shared_bytes = std::shared_ptr<const std::string>;

/// Encodes each target list once for all agents that get it. A long one is encoded on the thread
/// for that, and who asks for it meanwhile waits.
class encoded_lists {
public:
  /// `work` may be null. The lists must outlive the coroutine.
  asio::awaitable<shared_bytes> get(targets_answer answer, wire_format format,
                                    std::shared_ptr<net::work_thread> work);

private:
  using list_key = std::pair<const get_targets_response*, wire_format>;
  struct entry {
    std::weak_ptr<const get_targets_response> answer;
    shared_bytes bytes;
  };
  /// Ends with the encoding, also where it is given up.
  class encoding;

  /// Null where it is not at hand.
  shared_bytes find(const targets_answer& answer, wire_format format) const;
  void keep(const targets_answer& answer, wire_format format, const shared_bytes& bytes);

  std::map<list_key, entry> entries_;
  std::size_t bytes_ = 0;
  /// Those that are being encoded; the timer is cancelled when it is over.
  std::map<list_key, std::shared_ptr<asio::steady_timer>> under_way_;
};

struct server_core {
  server_actors actors;
  server_options options;
  std::string token;
  access_list access;
  std::shared_ptr<join_desk> join; ///< null: agents do not join
  joined_grants joined;            ///< null with `join`
  net::attempt_limit join_attempts;
  /// All of them: each costs a signature. The shortest life of a certificate needs ten in a minute.
  net::attempt_limit renewals{30};
  std::string join_problem; ///< the last in the log
  instance_owners owners;
  std::shared_ptr<asio::ssl::context> tls; ///< null without a certificate
  rpc_stats counters;
  encoded_lists lists;
  net::peer_log log{"rpc"};
  net::peer_log renewal_log{"rpc"};

  /// Who calls is bound to what its credential says.
  bool is_bound() const noexcept { return !access.empty() || join != nullptr; }

  void take(server_credentials next) {
    token = std::move(next.token);
    access = std::move(next.access);
    join = std::move(next.join);
    joined = std::move(next.joined);
    tls = std::move(next.tls);
  }
};

enum class call_status : std::uint8_t { ok, unknown_method, bad_request, forbidden, unavailable };

/// A request, decoded.
using service_call = std::variant<get_targets_request, push_request, push_batch_request,
                                  leave_request, questions_request, chains_request>;

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

/// Decodes the argument of a method. Of the core it uses only what never changes: a large argument
/// is decoded on another thread.
decoded_call decode_call(const server_core& core, std::string_view method,
                         std::string_view argument, wire_format format);

/// The same for a batch that came as the body of an HTTP request.
decoded_call decode_batch_call(std::string_view bytes);

/// Asks the actors. `peer` is the caller's socket address; `own_connection` that nobody else's
/// calls come from there, as those through a proxy for HTTP do.
asio::awaitable<call_answer> perform(std::shared_ptr<server_core> core, service_call call,
                                     wire_format format, std::string peer, bool own_connection);

/// For whom a client may call, by what it shows (see `server`); null where it may not.
/// `certificate` is the name of a certificate that was verified.
grant_ptr grant_for(const server_core& core, bool client_verified, std::string_view certificate,
                    std::string_view authorization);

/// Why this call is not for the holder of this grant, empty where it is. Whom a batch is of shows
/// once it is unpacked: it takes the grant along.
std::string why_forbidden(server_core& core, const grant_ptr& grant, service_call& call);

/// Requests of agents that want a certificate; the head says whether they may go on.
bool is_join_path(const net::http_request& head);
std::optional<net::http_response> judge_join_call(server_core& core, const net::http_request& head,
                                                  const net::request_context& context);
void add_join_routes(net::router& routes, const std::shared_ptr<server_core>& core);

/// Looks at what others have written of those who have joined.
asio::awaitable<void> look_who_joined(std::shared_ptr<server_core> core);

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
