#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include "xprober/net/stream.hpp"

namespace xprober::fuzz {

/// A connection without a socket: its peer says `input` in pieces of `piece` bytes and then ends,
/// and what is written is kept. Nothing waits, so a coroutine on it ends within one
/// `io_context::run`.
class memory_stream final : public net::stream {
public:
  memory_stream(std::string_view input, std::size_t piece, std::string& output)
      : input_(input), piece_(piece), output_(output) {}

  net::asio::awaitable<net::io_result> write(std::vector<net::asio::const_buffer> parts,
                                             net::milliseconds) override {
    net::io_result result;
    if (closed_) {
      result.error = net::asio::error::operation_aborted;
      co_return result;
    }
    for (const auto& part : parts) {
      output_.append(static_cast<const char*>(part.data()), part.size());
      result.bytes += part.size();
    }
    co_return result;
  }
  net::asio::awaitable<net::io_result> write_until(std::vector<net::asio::const_buffer> parts,
                                                   monotonic_time) override {
    return write(std::move(parts), {});
  }
  net::asio::awaitable<std::string> handshake_as_server(net::milliseconds) override {
    co_return std::string{};
  }
  net::asio::awaitable<std::string> handshake_as_client(std::string, net::milliseconds) override {
    co_return std::string{};
  }
  void close() noexcept override { closed_ = true; }
  bool reusable() noexcept override { return !closed_ && input_.empty(); }
  /// That it has ended is only told to whoever reads: what it asked for is answered.
  bool peer_gone() noexcept override { return closed_; }
  bool secure() const noexcept override { return false; }
  bool peer_verified() const noexcept override { return false; }
  std::string peer_name() const override { return {}; }
  const std::string& peer() const noexcept override { return peer_; }

private:
  net::asio::awaitable<net::io_result> receive(net::asio::mutable_buffer into,
                                               net::milliseconds) override {
    net::io_result result;
    if (closed_ || input_.empty()) {
      result.error = net::asio::error::eof;
      co_return result;
    }
    result.bytes = net::asio::buffer_copy(
        into, net::asio::buffer(input_.data(), std::min(piece_, input_.size())));
    input_.remove_prefix(result.bytes);
    co_return result;
  }
  net::asio::awaitable<void> say_goodbye(net::milliseconds) override { co_return; }

  std::string_view input_;
  std::size_t piece_;
  std::string& output_;
  std::string peer_ = "127.0.0.1:50000";
  bool closed_ = false;
};

} // namespace xprober::fuzz
