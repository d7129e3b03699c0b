#pragma once

// What the parts of the client engine share, on its one thread.

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "xprober/net/endpoint.hpp"
#include "xprober/net/stream.hpp"
#include "xprober/rpc/call_queue.hpp"
#include "xprober/rpc/client_engine.hpp"

namespace xprober::rpc {

namespace asio = boost::asio;
using bridge::ec;
using net::endpoint;
using net::transport;

struct client_core {
  client_core(asio::io_context& context, client_options chosen)
      : options(std::move(chosen)), calls(options.max_outstanding), changed(context) {}

  client_options options;
  std::string token;
  call_queue calls;
  asio::steady_timer changed; ///< cancelled when there is a call to send, or on the end
  bool stopping = false;
  bool answered = false; ///< the present connection has brought an answer
  /// Why the present server is not to be used again now; empty while it is.
  std::string give_up;
  std::function<void()> on_first_answer; ///< of a connection

  /// Ends what the engine is waiting for on the network; empty when that is nothing.
  std::function<void()> abort;

  /// The present connection has brought an answer.
  void note_answer() {
    if (!std::exchange(answered, true) && on_first_answer) {
      on_first_answer();
    }
  }

  /// Waits until there may be something to do.
  asio::awaitable<void> wait_change();
};

/// Sets `client_core::abort` for as long as it lives.
class abort_scope {
public:
  abort_scope(client_core& core, std::function<void()> abort) : core_(core) {
    core_.abort = std::move(abort);
  }
  ~abort_scope() { core_.abort = {}; }
  abort_scope(const abort_scope&) = delete;
  abort_scope& operator=(const abort_scope&) = delete;

private:
  client_core& core_;
};

/// Encodes a request behind what `out` holds. Empty, or why that cannot be sent.
std::string encode_request(const client_core& core, const call_request& request, std::string& out);

/// An answer to a request that holds the alternative `request` of `call_request`, as it came.
struct raw_answer {
  std::size_t request = 0;
  std::string_view bytes; ///< of the result alone
  wire_format format = wire_format::msgpack;
  std::size_t wire_bytes = 0; ///< what the whole answer took on the wire
};

/// Decodes an answer, on the options' thread where it is large. What it views must outlive the
/// coroutine, which is awaited; the call may be over by then.
asio::awaitable<call_result> decode_answer(std::shared_ptr<const client_core> core,
                                           raw_answer answer, endpoint server);

/// Makes calls over a connection until it ends. Returns why it did; empty when the server just
/// closed it while nothing was under way.
asio::awaitable<std::string> converse_msgpack(std::shared_ptr<client_core> core, endpoint server,
                                              std::shared_ptr<net::stream> connection);
asio::awaitable<std::string> converse_http(std::shared_ptr<client_core> core, endpoint server,
                                           std::shared_ptr<net::stream> connection);

} // namespace xprober::rpc
