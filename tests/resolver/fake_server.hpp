#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

namespace xprober::dns::test {

inline constexpr std::uint16_t type_a = 1;
inline constexpr std::uint16_t type_aaaa = 28;
inline constexpr std::uint8_t rcode_ok = 0;
inline constexpr std::uint8_t rcode_servfail = 2;
inline constexpr std::uint8_t rcode_nxdomain = 3;
inline constexpr std::uint8_t rcode_refused = 5;

struct fake_answer {
  std::uint8_t rcode = rcode_ok;
  std::vector<std::string> data; ///< the 4 or 16 bytes of each address
  std::uint32_t ttl = 0;
  std::optional<std::uint32_t> negative_ttl = std::nullopt; ///< with an SOA that says so
};

/// A DNS server over UDP on a free port of 127.0.0.1, on a thread of its own. What it says to a
/// question (name in lower case, type) comes from a function; nothing means silence.
class fake_server {
public:
  using responder = std::function<std::optional<fake_answer>(const std::string&, std::uint16_t)>;

  explicit fake_server(responder respond)
      : respond_(std::move(respond)),
        socket_(context_, {boost::asio::ip::address_v4::loopback(), 0}),
        address_("127.0.0.1:" + std::to_string(socket_.local_endpoint().port())) {
    receive();
    thread_ = std::thread{[this] { context_.run(); }};
  }

  ~fake_server() {
    context_.stop();
    thread_.join();
  }

  const std::string& address() const { return address_; }
  int queries() const { return queries_; }

private:
  void receive() {
    socket_.async_receive_from(boost::asio::buffer(buffer_), peer_,
                               [this](boost::system::error_code error, std::size_t n) {
                                 if (!error) {
                                   ++queries_;
                                   answer(n);
                                   receive();
                                 }
                               });
  }

  static void append_number(std::string& reply, std::uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      reply += static_cast<char>(number >> shift);
    }
  }

  static void append_soa(std::string& reply, std::uint32_t minimum) {
    reply += std::string{'\xC0', '\x0C', 0, 6, 0, 1};
    append_number(reply, 3600);
    reply += std::string{0, 24, '\xC0', '\x0C', '\xC0', '\x0C'};
    for (const auto number : {1U, 3600U, 600U, 86400U, minimum}) {
      append_number(reply, number);
    }
  }

  void answer(std::size_t n) {
    std::size_t at = 12;
    std::string name;
    while (at < n && buffer_[at] != 0) {
      if (!name.empty()) {
        name += '.';
      }
      name.append(buffer_.data() + at + 1, static_cast<std::size_t>(buffer_[at]));
      at += 1 + static_cast<std::size_t>(buffer_[at]);
    }
    const auto type = static_cast<std::uint16_t>(buffer_[at + 2]);
    const auto said = respond_(name, type);
    if (!said) {
      return;
    }
    // Header: the query's id, "response, recursion available" and the code; one question.
    std::string reply(buffer_.data(), at + 5);
    reply[2] = '\x81';
    reply[3] = static_cast<char>(0x80 | said->rcode);
    reply[7] = static_cast<char>(said->data.size());
    reply[8] = reply[9] = reply[10] = reply[11] = 0;
    for (const auto& data : said->data) {
      const auto size = static_cast<char>(data.size());
      reply += std::string{'\xC0', '\x0C', 0, static_cast<char>(type), 0, 1};
      for (int shift = 24; shift >= 0; shift -= 8) {
        reply += static_cast<char>(said->ttl >> shift);
      }
      reply += std::string{0, size} + data;
    }
    if (said->negative_ttl) {
      reply[9] = 1;
      append_soa(reply, *said->negative_ttl);
    }
    boost::system::error_code ignored;
    socket_.send_to(boost::asio::buffer(reply), peer_, 0, ignored);
  }

  responder respond_;
  boost::asio::io_context context_;
  boost::asio::ip::udp::socket socket_;
  std::string address_;
  boost::asio::ip::udp::endpoint peer_;
  std::array<char, 512> buffer_{};
  std::atomic<int> queries_{0};
  std::thread thread_;
};

} // namespace xprober::dns::test
