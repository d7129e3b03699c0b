#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/io_thread.hpp"
#include "xprober/net/listener.hpp"
#include "xprober/net/stream.hpp"

namespace xprober::test {

/// A receiver of HTTP that answers as it is told to, with 200 when it is told nothing.
class http_peer {
public:
  struct request {
    std::string head;
    std::string body;

    bool has_line(const std::string& line) const {
      return head.find("\r\n" + line + "\r\n") != std::string::npos;
    }
    /// The value of a header; empty where there is none.
    std::string header(const std::string& name) const {
      const auto begin = head.find("\r\n" + name + ": ");
      if (begin == std::string::npos) {
        return {};
      }
      const auto from = begin + name.size() + 4;
      return head.substr(from, head.find("\r\n", from) - from);
    }
  };

  http_peer() {
    port_.emplace(io.context, "127.0.0.1:0",
                  [this](net::tcp::socket socket, std::shared_ptr<net::session_control> control) {
                    return session(net::plain_stream(std::move(socket)), std::move(control));
                  });
  }
  ~http_peer() {
    io.on_thread([this] { port_.reset(); });
    io.stop();
  }
  http_peer(const http_peer&) = delete;
  http_peer& operator=(const http_peer&) = delete;

  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(port_->local_endpoint().port());
  }
  /// The status line and the headers of the next answer.
  void answer_next(std::string head) {
    io.on_thread([&] { answers_.push_back(std::move(head)); });
  }
  /// From now on it takes so long to answer.
  void answer_late(std::chrono::milliseconds delay) {
    io.on_thread([&] { delay_ = delay; });
  }
  std::vector<request> requests() {
    return io.on_thread([this] { return requests_; });
  }

  io_thread io;

private:
  net::asio::awaitable<void> session(std::unique_ptr<net::stream> connection,
                                     std::shared_ptr<net::session_control> control) {
    auto* raw = connection.get();
    const auto attached =
        net::session_control::attach(control, {[raw] { raw->close(); }, [raw] { raw->close(); }});
    std::string received;
    for (;;) {
      char buffer[4096];
      const auto got = co_await raw->read_some(net::asio::buffer(buffer), std::chrono::seconds{20});
      if (got.error) {
        co_return;
      }
      received.append(buffer, got.bytes);
      if (!take(received)) {
        continue;
      }
      net::asio::steady_timer thinking{io.context, delay_};
      co_await thinking.async_wait(net::asio::use_awaitable);
      std::string answer = "HTTP/1.1 200 OK\r\n";
      if (!answers_.empty()) {
        answer = answers_.front();
        answers_.pop_front();
      }
      answer += "Content-Length: 4\r\n\r\ntext";
      std::vector<net::asio::const_buffer> parts{net::asio::buffer(answer)};
      co_await raw->write(std::move(parts), std::chrono::seconds{1});
    }
  }

  /// True when a request is whole.
  bool take(std::string& received) {
    const auto end = received.find("\r\n\r\n");
    if (end == std::string::npos) {
      return false;
    }
    request whole{received.substr(0, end + 2), received.substr(end + 4)};
    if (whole.body.size() < std::stoul(whole.header("Content-Length"))) {
      return false;
    }
    requests_.push_back(std::move(whole));
    received.clear();
    return true;
  }

  std::optional<net::listener> port_;
  std::deque<std::string> answers_; ///< of the thread
  std::vector<request> requests_;   ///< likewise
  std::chrono::milliseconds delay_{0};
};

} // namespace xprober::test
