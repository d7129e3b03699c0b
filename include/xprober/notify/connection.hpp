#pragma once

#include <chrono>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "xprober/domain/read_text.hpp"
#include "xprober/net/delivery.hpp"
#include "xprober/notify/delivery.hpp"
#include "xprober/notify/receiver_setup.hpp"

namespace xprober::notify {

namespace asio = boost::asio;

/// One request to a receiver.
struct delivery_request {
  std::string body;
  std::string idempotency_key{}; ///< empty: none
};

/// The connection to one receiver, see net::delivery_connection, whose secret signs the bodies.
class receiver_connection {
public:
  /// Throws net::setup_error for a URL or a file of TLS that cannot be used.
  receiver_connection(asio::io_context& io, const receiver_setup& setup);

  /// Sends one request, with at most `delivery_timeout` for all of it. `request` outlives the call.
  asio::awaitable<delivery_answer> post(const delivery_request& request);
  static constexpr std::chrono::seconds delivery_timeout{10};
  void close() { connection_.close(); }

  /// What is wrong with the secrets that the configuration names; empty where nothing is.
  std::string check() const;

private:
  read_text secret() const;

  receiver_setup setup_;
  net::delivery_connection connection_;
};

} // namespace xprober::notify
