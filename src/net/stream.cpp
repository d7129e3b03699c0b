#include "xprober/net/stream.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <type_traits>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl.hpp>
#include <poll.h>
#include <sys/socket.h>

namespace xprober::net {

namespace {

namespace beast = boost::beast;
namespace ssl = asio::ssl;
using asio::redirect_error;
using asio::use_awaitable;
using boost::system::error_code;

/// A gather write needs no more parts at once than this.
constexpr std::size_t max_parts = 16;

/// Drops `written` bytes from the front.
void consume(std::vector<asio::const_buffer>& parts, std::size_t written) {
  std::size_t done = 0;
  while (done < parts.size() && written >= parts[done].size()) {
    written -= parts[done++].size();
  }
  parts.erase(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(done));
  if (!parts.empty()) {
    parts.front() += written;
  }
}

/// What came was no record of TLS.
bool is_not_tls(const error_code& error) {
  if (error.category() != asio::error::get_ssl_category()) {
    return false;
  }
  const auto reason = ERR_GET_REASON(static_cast<unsigned long>(error.value()));
  return reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST ||
         reason == SSL_R_PACKET_LENGTH_TOO_LONG || reason == SSL_R_UNKNOWN_PROTOCOL;
}

std::string tls_error(const error_code& error, SSL* connection, bool as_server) {
  const auto verified = SSL_get_verify_result(connection);
  if (verified != X509_V_OK) {
    return std::string{"certificate not accepted: "} + X509_verify_cert_error_string(verified);
  }
  if (error == beast::error::timeout) {
    return "no TLS handshake in time";
  }
  if (error == asio::error::eof || error == ssl::error::stream_truncated ||
      error == asio::error::connection_reset) {
    return as_server ? "the client ended the connection during the TLS handshake"
                     : "the server ended the connection during the TLS handshake; maybe it does "
                       "not speak TLS on this port";
  }
  if (!as_server && is_not_tls(error)) {
    return "the server does not speak TLS on this port";
  }
  return "TLS handshake failed: " + error.message();
}

/// The expected name of the server: sent to it, and compared with its certificate.
void expect_host(SSL* connection, const std::string& host) {
  error_code not_an_address;
  asio::ip::make_address(host, not_an_address);
  auto* expected = SSL_get0_param(connection);
  if (!not_an_address) {
    // Certificates know no zones, and OpenSSL would expect nothing at all.
    X509_VERIFY_PARAM_set1_ip_asc(expected, host.substr(0, host.find('%')).c_str());
    return;
  }
  // The macro SSL_set_tlsext_host_name casts in the old style.
  SSL_ctrl(connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
           const_cast<char*>(host.c_str()));
  X509_VERIFY_PARAM_set1_host(expected, host.c_str(), host.size());
}

std::string common_name(const X509* certificate) {
  std::array<char, 257> text{}; // X.520 has names of 64 characters
  const auto length = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName,
                                                text.data(), static_cast<int>(text.size()));
  return length > 0 ? std::string{text.data(), static_cast<std::size_t>(length)} : std::string{};
}

template <class Next>
class stream_of final : public stream {
public:
  static constexpr bool has_tls = !std::is_same_v<Next, beast::tcp_stream>;

  template <class... Ts>
  explicit stream_of(Ts&&... args) : next_(std::forward<Ts>(args)...) {
    error_code ignored;
    auto& socket = lowest().socket();
    socket.set_option(tcp::no_delay(true), ignored);
    socket.set_option(asio::socket_base::keep_alive(true), ignored);
    peer_ = endpoint_text(socket.remote_endpoint(ignored));
  }

  asio::awaitable<io_result> write(std::vector<asio::const_buffer> parts,
                                   milliseconds timeout) override {
    io_result result;
    consume(parts, 0);
    while (!parts.empty() && !result.error) {
      lowest().expires_after(timeout);
      co_await write_some(parts, result);
    }
    co_return result;
  }

  asio::awaitable<io_result> write_until(std::vector<asio::const_buffer> parts,
                                         monotonic_time until) override {
    io_result result;
    consume(parts, 0);
    while (!parts.empty() && !result.error) {
      lowest().expires_at(until);
      co_await write_some(parts, result);
    }
    co_return result;
  }

  asio::awaitable<std::string> handshake_as_server(milliseconds timeout) override {
    co_return co_await handshake(timeout, true);
  }

  asio::awaitable<std::string> handshake_as_client(std::string host,
                                                   milliseconds timeout) override {
    if constexpr (has_tls) {
      expect_host(next_.native_handle(), host);
    }
    co_return co_await handshake(timeout, false);
  }

  void close() noexcept override {
    error_code ignored;
    lowest().socket().close(ignored);
  }

  bool reusable() noexcept override {
    char byte = 0;
    const auto got = ::recv(lowest().socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  bool peer_gone() noexcept override {
    pollfd looked_at{lowest().socket().native_handle(), POLLRDHUP, 0};
    return looked_at.fd < 0 || (::poll(&looked_at, 1, 0) > 0 && looked_at.revents != 0);
  }

  bool secure() const noexcept override { return has_tls; }

  bool peer_verified() const noexcept override {
    if constexpr (has_tls) {
      // native_handle() is not const although it changes nothing.
      auto* connection = const_cast<Next&>(next_).native_handle();
      return SSL_get0_peer_certificate(connection) != nullptr &&
             SSL_get_verify_result(connection) == X509_V_OK;
    }
    return false;
  }

  std::string peer_name() const override {
    if constexpr (has_tls) {
      if (peer_verified()) {
        auto* connection = const_cast<Next&>(next_).native_handle();
        return common_name(SSL_get0_peer_certificate(connection));
      }
    }
    return {};
  }

  const std::string& peer() const noexcept override { return peer_; }

private:
  /// Writes some of the parts, and drops what was written from them.
  asio::awaitable<void> write_some(std::vector<asio::const_buffer>& parts, io_result& result) {
    const std::size_t count = std::min(parts.size(), max_parts);
    const std::vector<asio::const_buffer> some(parts.begin(),
                                               parts.begin() + static_cast<std::ptrdiff_t>(count));
    const auto written =
        co_await next_.async_write_some(some, redirect_error(use_awaitable, result.error));
    result.bytes += written;
    consume(parts, written);
  }

  beast::tcp_stream& lowest() { return beast::get_lowest_layer(next_); }

  asio::awaitable<std::string> handshake([[maybe_unused]] milliseconds timeout,
                                         [[maybe_unused]] bool as_server) {
    if constexpr (has_tls) {
      error_code error;
      lowest().expires_after(timeout);
      co_await next_.async_handshake(as_server ? ssl::stream_base::server
                                               : ssl::stream_base::client,
                                     redirect_error(use_awaitable, error));
      if (error) {
        co_return tls_error(error, next_.native_handle(), as_server);
      }
    }
    co_return std::string{};
  }

  asio::awaitable<io_result> receive(asio::mutable_buffer into, milliseconds timeout) override {
    io_result result;
    lowest().expires_after(timeout);
    result.bytes =
        co_await next_.async_read_some(into, redirect_error(use_awaitable, result.error));
    co_return result;
  }

  asio::awaitable<void> say_goodbye([[maybe_unused]] milliseconds timeout) override {
    error_code ignored;
    if constexpr (has_tls) {
      // Only the close_notify goes out here; the peer's own would be waited for too long.
      auto* connection = next_.native_handle();
      SSL_set_shutdown(connection, SSL_RECEIVED_SHUTDOWN | SSL_get_shutdown(connection));
      lowest().expires_after(timeout);
      co_await next_.async_shutdown(redirect_error(use_awaitable, ignored));
    }
    lowest().socket().shutdown(tcp::socket::shutdown_send, ignored);
    co_return;
  }

  Next next_;
  std::string peer_;
};

} // namespace

bool is_disconnect(const error_code& error) noexcept {
  return error == asio::error::eof || error == asio::error::operation_aborted ||
         error == asio::error::connection_reset || error == asio::error::broken_pipe ||
         error == asio::error::bad_descriptor || error == asio::error::not_connected ||
         error == ssl::error::stream_truncated || error == beast::error::timeout;
}

asio::awaitable<io_result> stream::read_some(asio::mutable_buffer into, milliseconds timeout) {
  if (unread_.empty()) {
    co_return co_await receive(into, timeout);
  }
  const auto count = std::min(unread_.size(), into.size());
  std::memcpy(into.data(), unread_.data(), count);
  unread_.erase(0, count);
  co_return io_result{{}, count};
}

void stream::unread(std::string bytes) {
  bytes += unread_;
  unread_ = std::move(bytes);
}

asio::awaitable<void> stream::finish() {
  constexpr milliseconds patience{1000};
  constexpr std::size_t most = 256 * 1024;
  co_await say_goodbye(patience);
  const auto deadline = std::chrono::steady_clock::now() + patience;
  std::vector<char> dropped(16 * 1024);
  for (std::size_t total = 0; total < most;) {
    const auto left =
        std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      break;
    }
    const auto got = co_await receive(asio::buffer(dropped), left);
    if (got.error) {
      break;
    }
    total += got.bytes;
  }
  close();
}

std::unique_ptr<stream> plain_stream(tcp::socket socket) {
  return std::make_unique<stream_of<beast::tcp_stream>>(std::move(socket));
}

std::unique_ptr<stream> tls_stream(tcp::socket socket, ssl::context& context) {
  return std::make_unique<stream_of<ssl::stream<beast::tcp_stream>>>(std::move(socket), context);
}

std::string endpoint_text(const tcp::endpoint& endpoint) {
  auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  const auto port = ":" + std::to_string(endpoint.port());
  return (address.is_v6() ? "[" + address.to_string() + "]" : address.to_string()) + port;
}

asio::awaitable<int> peek_first_byte(tcp::socket& socket, milliseconds timeout) {
  // The timer's handler can still be queued when this coroutine is done: it asks first.
  auto waiting = std::make_shared<bool>(true);
  asio::steady_timer timer{socket.get_executor(), timeout};
  timer.async_wait([waiting, &socket](const error_code& error) {
    error_code ignored;
    if (!error && *waiting) {
      socket.cancel(ignored);
    }
  });
  unsigned char first = 0;
  error_code error;
  const auto count =
      co_await socket.async_receive(asio::buffer(&first, 1), asio::socket_base::message_peek,
                                    redirect_error(use_awaitable, error));
  *waiting = false;
  timer.cancel();
  co_return error || count == 0 ? -1 : static_cast<int>(first);
}

} // namespace xprober::net
