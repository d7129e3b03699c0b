#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "xprober/domain/config.hpp"
#include "xprober/net/work_thread.hpp"
#include "xprober/rpc/caller.hpp"
#include "xprober/rpc/codec.hpp"
#include "xprober/rpc/credentials.hpp"
#include "xprober/rpc/msgpack_frame.hpp"

namespace xprober::rpc {

struct client_options {
  std::vector<std::string> servers; ///< `rpc_server_addr`, see parse_endpoint
  std::size_t first_server = 0;     ///< the one of them that is dialled first
  rpc_config rpc;                   ///< token, authority, certificate
  /// Of one message, in both directions: the whole list of two million targets with long names
  /// must fit.
  frame_limits frame{.max_bytes = std::size_t{512} << 20};
  decode_limits decode;
  /// Where large answers are read; null: on the context's own thread.
  std::shared_ptr<net::work_thread> work{};
  std::size_t max_outstanding = 64; ///< calls without an answer; further ones fail at once
  std::chrono::milliseconds connect_timeout{5'000}; ///< the name; each address with its handshake
  std::chrono::milliseconds call_timeout{25'000};   ///< from the call to its answer
  std::chrono::milliseconds backoff_initial{500};
  std::chrono::milliseconds backoff_max{10'000};
  std::uint64_t seed = 0; ///< of the jitter; 0: a random one
};

/// One connection to one server of a list, dialled when there is a call to make and kept while the
/// server answers. Runs on an io_context that one thread runs.
///
/// A server that cannot be reached or does not answer is followed by the next of the list, with
/// a wait after each whole round. A call fails when a whole round failed since it began to wait,
/// when its connection ended (it may have been carried out), when its time is over, or when the
/// server said so; its error names the server.
class client_engine final : public caller {
public:
  /// Throws net::setup_error for a server that is no address, and for certificates or a token
  /// that cannot be read.
  client_engine(boost::asio::io_context& context, const client_options& options);
  /// The same with credentials that were read before, of these servers; reads no file.
  client_engine(boost::asio::io_context& context, client_options options,
                client_credentials credentials);
  ~client_engine() override;
  client_engine(const client_engine&) = delete;
  client_engine& operator=(const client_engine&) = delete;

  void call(call_request request, call_completion done) override;

  /// The server that is spoken to, or is dialled next. On the context's thread only.
  const net::endpoint& server_in_use() const;

  /// The servers that have answered a call, in the order of the list. On the context's thread only.
  std::vector<net::endpoint> answered() const;

  /// Waits until every call has ended, `longest` at most. On the context's thread only.
  boost::asio::awaitable<void> finish_calls(std::chrono::milliseconds longest);

  /// Ends the connection; all calls fail with `ec::shutdown`. Callable from any thread.
  void stop();

private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

} // namespace xprober::rpc
