#include <algorithm>
#include <exception>
#include <optional>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include "xprober/config/checks.hpp"
#include "xprober/config/identity.hpp"
#include "xprober/config/problem.hpp"

namespace xprober::config {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using steady_time = std::chrono::steady_clock::time_point;

constexpr std::string_view token_path = "/latest/api/token";
constexpr std::string_view zone_path = "/latest/meta-data/placement/availability-zone";
constexpr std::string_view token_header = "X-aws-ec2-metadata-token";

/// Tokens have 56 bytes and zones fewer; the rest is room.
constexpr std::uint64_t max_body = 1024;
constexpr std::uint32_t max_headers = 8192;

struct reply {
  std::string body;
  std::string error; ///< which step failed and how; empty where the status was 200
};

using request = http::request<http::empty_body>;

/// One request on a connection of its own.
asio::awaitable<reply> exchange(asio::ip::tcp::endpoint server, request message,
                                steady_time until) {
  constexpr auto token = asio::as_tuple(asio::use_awaitable);
  beast::tcp_stream stream{co_await asio::this_coro::executor};
  stream.expires_at(until);
  const auto failed = [](std::string_view step, const boost::system::error_code& error) {
    return reply{{},
                 std::string{step} + ": " +
                     (error == beast::error::timeout ? "no answer in time" : error.message())};
  };
  if (const auto [error] = co_await stream.async_connect(server, token); error) {
    co_return failed("connect", error);
  }
  if (const auto [error, sent] = co_await http::async_write(stream, message, token); error) {
    co_return failed("send", error);
  }
  beast::flat_buffer buffer{max_headers + max_body};
  http::response_parser<http::string_body> parser;
  parser.body_limit(max_body);
  parser.header_limit(max_headers);
  if (const auto [error, received] = co_await http::async_read(stream, buffer, parser, token);
      error) {
    co_return failed("receive", error);
  }
  if (const auto status = parser.get().result_int(); status != 200) {
    co_return reply{{}, "status " + std::to_string(status)};
  }
  co_return reply{std::move(parser.get().body()), {}};
}

/// True for what can stand in a header as a token.
bool is_token(std::string_view text) noexcept {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

/// Asks for the region: step by step, each with the time it may take.
class region_question {
public:
  region_question(const url_parts& url, std::chrono::milliseconds limit)
      : server_(asio::ip::make_address(url.host), url.port.value_or(80)),
        host_(url.port ? to_string(host_port{url.host, *url.port}) : bracketed(url.host)),
        token_until_(std::chrono::steady_clock::now() + limit / 2),
        until_(std::chrono::steady_clock::now() + limit) {}

  asio::awaitable<found_text> ask() {
    auto token_request = make(http::verb::put, token_path);
    token_request.set("X-aws-ec2-metadata-token-ttl-seconds", "60");
    auto token = co_await exchange(server_, std::move(token_request), token_until_);
    if (token.error.empty() && !is_token(token.body)) {
      token.error = "answered with what is no token";
    }
    auto zone_request = make(http::verb::get, zone_path);
    if (token.error.empty()) {
      zone_request.set(token_header, token.body);
    }
    const auto zone = co_await exchange(server_, std::move(zone_request), until_);
    std::string tried;
    if (!token.error.empty()) {
      tried = "PUT " + url(token_path) + ": " + token.error + "; then ";
    }
    tried += "GET " + url(zone_path) + ": ";
    if (!zone.error.empty()) {
      co_return found_text{{}, tried + zone.error};
    }
    auto region = region_of_zone(zone.body);
    if (!region.ok()) {
      region.error = tried + region.error;
    }
    co_return region;
  }

private:
  static std::string bracketed(const std::string& host) {
    return host.find(':') == std::string::npos ? host : "[" + host + "]";
  }

  request make(http::verb verb, std::string_view path) const {
    request message{verb, {path.data(), path.size()}, 11};
    message.set(http::field::host, host_);
    message.set(http::field::user_agent, "xprober");
    message.set(http::field::connection, "close");
    if (verb == http::verb::put) {
      message.set(http::field::content_length, "0");
    }
    return message;
  }

  std::string url(std::string_view path) const { return "http://" + host_ + std::string{path}; }

  asio::ip::tcp::endpoint server_;
  std::string host_;
  steady_time token_until_;
  steady_time until_;
};

} // namespace

found_text detect_region(const std::string& metadata_url, std::chrono::milliseconds limit) {
  constexpr std::string_view advice = "; set region in the configuration";
  if (metadata_url.empty()) {
    return {{}, "region and metadata_url are both empty" + std::string{advice}};
  }
  std::string ignored;
  const auto url = parse_url(metadata_url, ignored);
  if (const auto wrong = check_metadata_url(metadata_url); !url || !wrong.empty()) {
    return {{}, "metadata_url: " + wrong + std::string{advice}};
  }
  found_text answer{{}, "no answer in time"};
  try {
    asio::io_context context{1};
    region_question question{*url, limit};
    asio::co_spawn(context, question.ask(),
                   [&](const std::exception_ptr& failure, found_text result) {
                     if (failure) {
                       std::rethrow_exception(failure);
                     }
                     answer = std::move(result);
                   });
    // Every step has its own deadline; this one is for what they may have missed.
    context.run_for(limit + std::chrono::milliseconds{200});
  } catch (const std::exception& failure) {
    answer = {{}, failure.what()};
  }
  if (!answer.ok()) {
    answer.error = "the region is not known: the metadata service at " + metadata_url +
                   " did not name it (" + answer.error + ")" + std::string{advice};
  }
  return answer;
}

} // namespace xprober::config
