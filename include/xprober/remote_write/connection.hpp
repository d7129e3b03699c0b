#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "xprober/domain/config.hpp"
#include "xprober/domain/read_text.hpp"
#include "xprober/net/http_client.hpp"
#include "xprober/resolver/resolver.hpp"

namespace xprober::remote_write {

namespace asio = boost::asio;

/// What a receiver said to a request.
struct write_answer {
  unsigned status = 0; ///< 0: there was no answer
  std::string text;    ///< why it was not taken
  std::optional<std::chrono::seconds> retry_after;
};

/// What becomes of a request.
enum class request_fate : std::uint8_t {
  taken,
  refused,  ///< for good
  repeated, ///< it may be taken later
  given_up, ///< nobody may hear of it: somebody else has the queue, and its name, by now
};

/// By the answer; `stopping`: the sender was told to end while it waited.
request_fate fate_of(const write_answer& answer, bool stopping) noexcept;

/// The connection to one receiver: dialled when there is a request, and kept.
class remote_connection {
public:
  /// Throws net::setup_error for a URL or a CA file that cannot be used.
  remote_connection(asio::io_context& io, const remote_write_config& config);

  /// Sends one request; at most `timeout` for all of it.
  asio::awaitable<write_answer> post(const std::string& body);
  void close();

  /// What is wrong with the secrets that the configuration names; empty where nothing is.
  std::string check() const;

private:
  read_text authorization() const;

  remote_write_config config_;
  std::string credentials_; ///< user:password of the URL
  std::string target_;
  dns::resolver resolver_;
  std::optional<net::http_client> client_;
};

/// The URL without its user.
std::string public_url(const std::string& url);

/// Reads "120" or an HTTP date (RFC 9110, 10.2.3); at most an hour. `now` in seconds since 1970.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, std::int64_t now);

} // namespace xprober::remote_write
