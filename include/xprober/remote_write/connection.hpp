#pragma once

#include <cstdint>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "xprober/domain/config.hpp"
#include "xprober/net/delivery.hpp"

namespace xprober::remote_write {

namespace asio = boost::asio;

using write_answer = net::delivery_answer;

/// What becomes of a request.
enum class request_fate : std::uint8_t {
  taken,
  refused,  ///< for good
  repeated, ///< it may be taken later
  given_up, ///< nobody may hear of it: somebody else has the queue, and its name, by now
};

/// By the answer; `stopping`: the sender was told to end while it waited.
request_fate fate_of(const write_answer& answer, bool stopping) noexcept;

/// The connection to one receiver, see net::delivery_connection.
class remote_connection {
public:
  /// Throws net::setup_error for a URL or a CA file that cannot be used.
  remote_connection(asio::io_context& io, const remote_write_config& config);

  /// Sends one request; at most `timeout` for all of it.
  asio::awaitable<write_answer> post(const std::string& body);
  void close() { connection_.close(); }

  /// What is wrong with the secrets that the configuration names; empty where nothing is.
  std::string check() const { return connection_.check(); }

private:
  net::delivery_connection connection_;
};

/// The URL without its user.
std::string public_url(const std::string& url);

} // namespace xprober::remote_write
