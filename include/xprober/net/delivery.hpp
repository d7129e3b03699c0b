#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/domain/read_text.hpp"
#include "xprober/net/http_client.hpp"
#include "xprober/net/tls.hpp"
#include "xprober/resolver/resolver.hpp"

namespace xprober::net {

/// What a receiver said to a request.
struct delivery_answer {
  unsigned status = 0; ///< 0: there was no answer
  std::string text;    ///< what it said, or why there is no answer
  std::optional<std::chrono::seconds> retry_after{};
};

enum class delivery_outcome : std::uint8_t {
  taken,
  refused, ///< for good
  again,   ///< it may be taken later
};

/// 2xx: taken. No answer, 429, 5xx and whatever is no final answer (redirects are not followed):
/// again. Any other 4xx: refused.
delivery_outcome outcome_of(unsigned status) noexcept;

/// Who is sent requests, and with what: an entry of a configuration.
struct delivery_target {
  std::string url;               ///< may hold a user
  std::string shown;             ///< how a message names the URL; what it holds may be a secret
  tls_files tls;                 ///< its `section` stands in front of the other keys, too
  std::string bearer_token_file; ///< read before each request, see `read_apart`
  basic_auth_config basic_auth;  ///< its file likewise
  std::map<std::string, std::string> headers;
  std::chrono::milliseconds timeout{10'000}; ///< of one request
  std::uint64_t longest_answer = 64 * 1024;  ///< bytes
};

/// The connection to one receiver: dialled when there is a request, and kept.
class delivery_connection {
public:
  using header_list = std::vector<std::pair<std::string, std::string>>;

  /// Throws setup_error for a URL or a file of TLS that cannot be used.
  delivery_connection(boost::asio::io_context& io, delivery_target target);

  /// Sends one request that does no harm when it comes twice, with these headers, then those of the
  /// target. `body` stays valid until the answer is there: by `until`, with all that is read for
  /// it.
  boost::asio::awaitable<delivery_answer> post(std::string_view body, header_list headers,
                                               monotonic_time until);
  /// Within the target's `timeout`.
  boost::asio::awaitable<delivery_answer> post(std::string_view body, header_list headers) {
    return post(body, std::move(headers), monotonic_clock::now() + to_.timeout);
  }
  void close();

  /// What is wrong with the credentials; empty where nothing is. Reads their files.
  std::string check() const { return authorization().error; }

private:
  read_text authorization() const;
  boost::asio::awaitable<read_text> authorization_apart(monotonic_time until) const;

  delivery_target to_;
  std::string credentials_;          ///< user:password of the URL, as they are sent
  std::string path_;                 ///< and the query
  std::vector<std::string> secrets_; ///< of the URL, which an answer may repeat
  dns::resolver resolver_;
  std::optional<http_client> client_;
};

/// What is wrong with the first of these receivers that cannot be used; empty where all can be. A
/// `Connection` is made of each, and has `check()`.
template <class Connection, class Setup>
std::string check_receivers(const std::vector<Setup>& receivers) {
  boost::asio::io_context io;
  try {
    for (const auto& setup : receivers) {
      auto problem = Connection{io, setup}.check();
      if (!problem.empty()) {
        return problem;
      }
    }
  } catch (const setup_error& error) {
    return error.what();
  }
  return {};
}

} // namespace xprober::net
