#include "xprober/app/metadata.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "xprober/config/checks.hpp"
#include "xprober/domain/read_text.hpp"
#include "xprober/net/http_client.hpp"
#include "xprober/resolver/resolver.hpp"

namespace xprober::app {

namespace {

namespace asio = boost::asio;
using config::found_text;

constexpr std::string_view token_path = "/latest/api/token";
constexpr std::string_view zone_path = "/latest/meta-data/placement/availability-zone";
constexpr const char* token_header = "X-aws-ec2-metadata-token";

/// Tokens have 56 bytes and zones fewer; the rest is room.
constexpr net::http_limits limits{.max_head = 8192, .max_body = 1024};

/// The body of an answer with the status 200, or which step failed and how.
read_text body_of(net::http_answer answer) {
  if (!answer.ok()) {
    const bool sent = answer.fault != net::http_fault::unreachable;
    return {{}, (sent ? "receive: " : "") + answer.error};
  }
  return answer.status == 200 ? read_text{std::move(answer.body), {}}
                              : read_text{{}, "status " + std::to_string(answer.status)};
}

/// True for what can stand in a header as a token.
bool is_token(std::string_view text) noexcept {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

/// Asks for the region: step by step, each with the time it may take.
class region_question {
public:
  region_question(asio::io_context& context, const url_parts& url, milliseconds limit)
      : resolver_(context.get_executor()), client_(context, resolver_, net::origin_of(url)),
        base_("http://" + net::origin_of(url).host_header()),
        token_until_(monotonic_clock::now() + limit / 2), until_(monotonic_clock::now() + limit) {}

  asio::awaitable<found_text> ask() {
    auto token_parts = parts("PUT", token_path);
    token_parts.headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "60"}};
    auto answer = co_await client_.request(std::move(token_parts), token_until_);
    auto token = body_of(std::move(answer));
    if (token.ok() && !is_token(token.text)) {
      token.error = "answered with something that is not a token";
    }
    auto zone_parts = parts("GET", zone_path);
    if (token.ok()) {
      zone_parts.headers = {{token_header, token.text}};
    }
    answer = co_await client_.request(std::move(zone_parts), until_);
    const auto zone = body_of(std::move(answer));
    std::string tried;
    if (!token.ok()) {
      tried = "PUT " + url(token_path) + ": " + token.error + "; then ";
    }
    tried += "GET " + url(zone_path) + ": ";
    if (!zone.ok()) {
      co_return found_text{{}, tried + zone.error};
    }
    auto region = config::region_of_zone(zone.text);
    if (!region.ok()) {
      region.error = tried + region.error;
    }
    co_return region;
  }

private:
  static net::http_request_parts parts(const char* method, std::string_view path) {
    net::http_request_parts made;
    made.method = method;
    made.target = path;
    made.close = true;
    made.limits = limits;
    return made;
  }

  std::string url(std::string_view path) const { return base_ + std::string{path}; }

  dns::resolver resolver_;
  net::http_client client_;
  std::string base_;
  monotonic_time token_until_;
  monotonic_time until_;
};

} // namespace

found_text detect_region(const std::string& metadata_url, std::chrono::milliseconds limit) {
  constexpr std::string_view advice = "; set region in the configuration";
  if (metadata_url.empty()) {
    return {{}, "region and metadata_url are both empty" + std::string{advice}};
  }
  std::string ignored;
  const auto url = parse_url(metadata_url, ignored);
  if (const auto wrong = config::check_metadata_url(metadata_url); !url || !wrong.empty()) {
    return {{}, "metadata_url: " + wrong + std::string{advice}};
  }
  found_text answer{{}, "no answer in time"};
  try {
    asio::io_context context{1};
    region_question question{context, *url, limit};
    asio::co_spawn(context, question.ask(),
                   [&](const std::exception_ptr& failure, found_text result) {
                     if (failure) {
                       std::rethrow_exception(failure);
                     }
                     answer = std::move(result);
                     context.stop();
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

} // namespace xprober::app
