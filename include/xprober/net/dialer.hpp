#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "xprober/domain/address.hpp"
#include "xprober/net/stream.hpp"
#include "xprober/resolver/resolver.hpp"

namespace xprober::net {

/// A connection, or why there is none.
struct dial_result {
  std::shared_ptr<stream> connection;
  std::string error;  ///< what was tried, on which addresses, and what happened
  std::string reason; ///< what happened at the last of them alone
};

/// Connects to one server, by name or address: resolves the name, tries each of its addresses until
/// one takes the connection and, with TLS, shows a certificate that is good for the name. One dial
/// at a time, on the io_context's thread; the dialer outlives it.
class dialer {
public:
  /// Without `tls` the connections are plain. `resolver` outlives the dialer.
  dialer(asio::io_context& context, dns::resolver& resolver, host_port server,
         std::shared_ptr<asio::ssl::context> tls = nullptr);
  dialer(const dialer&) = delete;
  dialer& operator=(const dialer&) = delete;

  /// Ends at `until` at the latest; the name, and then each address with its handshake, may take
  /// `step` each. An address that says nothing leaves its share of the time to the others.
  asio::awaitable<dial_result> dial(monotonic_time until, milliseconds step = milliseconds::max());

  /// Ends a dial that is under way, and every later one.
  void stop();

  const host_port& server() const noexcept { return server_; }

private:
  asio::awaitable<dns::resolve_answer> resolve(monotonic_time until);
  asio::awaitable<dial_result> dial_address(tcp::endpoint to, monotonic_time until);

  asio::io_context& context_;
  dns::resolver& resolver_;
  host_port server_;
  std::shared_ptr<asio::ssl::context> tls_;
  asio::steady_timer wake_;         ///< cancelled when the name is resolved
  std::function<void()> interrupt_; ///< ends what is waited for
  bool stopped_ = false;
};

} // namespace xprober::net
