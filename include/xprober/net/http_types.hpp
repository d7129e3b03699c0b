#pragma once

// What a handler of HTTP requests sees. Nothing here touches a socket.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

namespace xprober::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;

using http_request = http::request<http::string_body>;
using plain_response = http::response<http::string_body>;

/// Gives the next piece of a body; nothing at its end. An empty piece is passed over. It is asked
/// again once the last piece was written, so that a slow reader holds it up. Whoever waits in it
/// may be cancelled; what it uses belongs to itself, since it can outlive the connection for a
/// moment.
using chunk_source = std::function<asio::awaitable<std::optional<std::string>>()>;

/// An answer: with its body, or with what the body comes from.
struct http_response : plain_response {
  using plain_response::plain_response;

  chunk_source next_chunk{}; ///< not null: `body()` is not used
  std::string problem{};     ///< what an `error_response` says, for who says it otherwise
};

/// The part of a request target behind `?`, decoded. Of a name given twice the first counts.
class query_params {
public:
  query_params() = default;
  /// Reads `a=1&b=x%20y&flag`.
  explicit query_params(std::string_view encoded);

  /// The value of a name; nothing if it was not given. A name without `=` has the value "".
  std::optional<std::string> get(std::string_view name) const;
  /// The value of a name, or `fallback`.
  std::string get_or(std::string_view name, std::string_view fallback) const;
  /// A whole number; nothing if it was not given or is none.
  std::optional<std::uint64_t> get_number(std::string_view name) const;

  const std::map<std::string, std::string, std::less<>>& all() const { return values_; }

private:
  std::map<std::string, std::string, std::less<>> values_;
};

/// What the session and the router know of a request beside the request itself.
struct request_context {
  std::string peer;             ///< the client's socket address, e.g. "127.0.0.1:50000"
  bool secure = false;          ///< came over TLS
  bool client_verified = false; ///< over TLS with a client certificate that was verified
  std::string client_name{};    ///< of that certificate, see stream::peer_name
  std::string user{};           ///< whom a proxy that is believed names; empty: nobody
  /// Who this is where limits are counted: the user, else the credential, else the address.
  std::string asker{};
  std::string path; ///< decoded, without the query
  query_params query;
  std::map<std::string, std::string, std::less<>> params; ///< variables of the route's pattern

  /// A variable of the pattern; empty if the pattern has none of that name.
  std::string param(std::string_view name) const;
};

/// Answers one request. The request stays valid until the answer is there. An exception becomes a
/// 500. The session sets version, keep-alive and Content-Length (or chunked) of the answer.
using http_handler =
    std::function<asio::awaitable<http_response>(const http_request&, request_context)>;

/// Judges a request by its head, before its body is read: the answer where it is refused, nothing
/// where it may go on to its handler.
using http_judge =
    std::function<std::optional<http_response>(const http_request& head, request_context)>;

/// Splits a request target into `path` and `query` of the context. False for a target that is not
/// in origin form (`/...`).
bool split_target(std::string_view target, request_context& context);

/// `text` as a JSON string with its quotes. What is no UTF-8 becomes U+FFFD.
std::string json_quote(std::string_view text);

http_response text_response(http::status status, std::string body,
                            std::string_view content_type = "text/plain; charset=utf-8");

/// `body` is JSON already.
http_response json_response(http::status status, std::string body);

/// `{"error": "..."}`.
http_response error_response(http::status status, std::string_view message);

/// 503 with Retry-After: what is asked for can be done, but not now.
http_response busy_response(std::string_view message);

} // namespace xprober::net
