#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "xprober/domain/address.hpp"
#include "xprober/net/dialer.hpp"
#include "xprober/net/http_answer.hpp"
#include "xprober/net/stream.hpp"

namespace xprober::net {

/// Whom an http_client asks.
struct http_origin {
  host_port server;
  bool secure = false; ///< https

  bool operator==(const http_origin&) const = default;

  /// What the header Host says: the port is named where it is not the scheme's own.
  std::string host_header() const;
};

/// The origin of an http or https URL.
http_origin origin_of(const url_parts& url);

/// What a request to a URL asks for: its path and query, "/" where it has no path; no fragment.
std::string target_of(const url_parts& url);

struct http_request_parts {
  std::string method = "GET";
  std::string target = "/";
  /// Beside Host, User-Agent, Connection and Content-Length, which the client writes itself.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string_view body;   ///< stays valid until the answer is there
  bool repeatable = false; ///< does no harm when it is carried out twice
  bool close = false;      ///< the connection is not kept after the answer
  http_limits limits;
};

/// Asks one server over HTTP/1.1, one request after the other, on a connection that is dialled when
/// there is none and kept where the server lets it. A kept connection that was closed meanwhile is
/// followed by a new one; where that is seen only when a request was sent, it is sent once more if
/// it is repeatable. Redirects are answers like others: nothing is sent to whom they name.
///
/// Lives on the io_context's thread, and longer than the coroutines of its requests.
class http_client {
public:
  /// `tls` is for https; `resolver` outlives the client.
  http_client(asio::io_context& context, dns::resolver& resolver, http_origin origin,
              std::shared_ptr<asio::ssl::context> tls = nullptr);
  /// For a connection that somebody else has opened; no other is dialled.
  http_client(http_origin origin, std::shared_ptr<stream> connection);
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  /// Sends a request and reads its answer; `until` bounds all of it: name, connections, handshake,
  /// sending, the last byte of the answer. A server that answers before it has read everything and
  /// then closes is heard. The caller looks at `fault` and `status`.
  asio::awaitable<http_answer> request(http_request_parts parts, monotonic_time until);

  /// True if there is a connection that a request can be sent on.
  bool connected();

  /// Ends the request that is under way, whose answer is `aborted`, and every later one.
  void stop();

private:
  asio::awaitable<http_answer> exchange(std::string head, std::string_view body, http_limits limits,
                                        monotonic_time until);
  asio::awaitable<http_answer> open(monotonic_time until);
  void drop();

  http_origin origin_;
  std::optional<dialer> dialer_;
  std::shared_ptr<stream> connection_;
  bool answered_ = false; ///< `connection_` has brought an answer
  bool stopped_ = false;
};

} // namespace xprober::net
