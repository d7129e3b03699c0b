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
using http_response = http::response<http::string_body>;

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
  std::string path;             ///< decoded, without the query
  query_params query;
  std::map<std::string, std::string, std::less<>> params; ///< variables of the route's pattern

  /// A variable of the pattern; empty if the pattern has none of that name.
  std::string param(std::string_view name) const;
};

/// Answers one request. The request stays valid until the answer is there. An exception becomes a
/// 500. The session sets version, keep-alive and Content-Length of the answer.
using http_handler =
    std::function<asio::awaitable<http_response>(const http_request&, request_context)>;

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

} // namespace xprober::net
