#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/tcp_stream.hpp>

namespace xprober::test {

/// A blocking client that writes and reads bytes; every wait ends after 10 s.
class raw_client {
public:
  /// With `receive_buffer` the kernel holds about so many bytes that were not read yet.
  explicit raw_client(const boost::asio::ip::tcp::endpoint& to, int receive_buffer = 0)
      : stream_(context_) {
    stream_.socket().open(to.protocol());
    if (receive_buffer > 0) {
      stream_.socket().set_option(boost::asio::socket_base::receive_buffer_size(receive_buffer));
    }
    stream_.socket().connect(to);
  }

  /// False when the peer takes no more.
  bool send(std::string_view bytes) {
    boost::system::error_code error;
    boost::asio::write(stream_.socket(), boost::asio::buffer(bytes), error);
    return !error;
  }

  /// Reads until `done` says that it has enough, the peer closes, or 10 s are over.
  template <class Done>
  std::string read_until(Done done) {
    std::string got;
    got.swap(rest_);
    std::vector<char> buffer(64 * 1024);
    while (!done(got)) {
      boost::system::error_code error;
      std::size_t count = 0;
      stream_.expires_after(std::chrono::seconds{10});
      stream_.async_read_some(boost::asio::buffer(buffer),
                              [&](boost::system::error_code e, std::size_t n) {
                                error = e;
                                count = n;
                              });
      context_.restart();
      context_.run();
      got.append(buffer.data(), count);
      if (error) {
        closed_ = error == boost::asio::error::eof || error == boost::asio::error::connection_reset;
        break;
      }
    }
    return got;
  }

  /// The next read begins with these bytes.
  void put_back(std::string bytes) { rest_ = std::move(bytes) + rest_; }

  std::string read_bytes(std::size_t count) {
    auto got = read_until([count](const std::string& s) { return s.size() >= count; });
    if (got.size() > count) {
      rest_ = got.substr(count);
    }
    return got.substr(0, count);
  }

  std::string read_to_end() {
    return read_until([](const std::string&) { return false; });
  }

  /// Reads one HTTP response with a Content-Length (or none).
  std::string read_http(bool head_only = false) {
    auto got = read_until([&](const std::string& s) {
      const auto end = s.find("\r\n\r\n");
      return end != std::string::npos && (head_only || s.size() >= end + 4 + body_length(s));
    });
    const auto end = got.find("\r\n\r\n");
    if (end == std::string::npos) {
      return got;
    }
    const auto size = end + 4 + (head_only ? 0 : body_length(got));
    rest_ = got.substr(std::min(size, got.size()));
    return got.substr(0, size);
  }

  /// True when the last read ended because the peer had closed the connection.
  bool closed() const { return closed_; }

  void shutdown_send() { stream_.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send); }

private:
  static std::size_t body_length(const std::string& response) {
    const auto at = response.find("Content-Length: ");
    return at == std::string::npos ? 0 : std::stoul(response.substr(at + 16));
  }

  boost::asio::io_context context_;
  boost::beast::tcp_stream stream_;
  std::string rest_;
  bool closed_ = false;
};

} // namespace xprober::test
