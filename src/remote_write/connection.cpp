#include "xprober/remote_write/connection.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/use_awaitable.hpp>

#include "xprober/base/authorization.hpp"
#include "xprober/domain/ascii.hpp"
#include "xprober/domain/time_text.hpp"
#include "xprober/net/tls.hpp"

namespace xprober::remote_write {

namespace {

constexpr std::size_t longest_answer = 256 * 1024;
constexpr std::size_t longest_text = 300; ///< of an answer, in logs
constexpr std::chrono::seconds longest_wait{3600};

/// The beginning of a body, on one line.
std::string excerpt(std::string text) {
  text.resize(std::min(text.size(), longest_text));
  std::replace_if(text.begin(), text.end(), ascii::is_control, ' ');
  return text;
}

} // namespace

std::string public_url(const std::string& url) {
  auto shown = url;
  take_user_info(shown);
  return shown;
}

std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, std::int64_t now) {
  if (text.empty()) {
    return std::nullopt;
  }
  if (std::ranges::all_of(text, ascii::is_digit)) {
    return text.size() > 6
               ? longest_wait
               : std::min(longest_wait, std::chrono::seconds{std::stol(std::string{text})});
  }
  const auto date = parse_http_date(text);
  return date ? std::optional{std::clamp(std::chrono::seconds{*date - now}, std::chrono::seconds{0},
                                         longest_wait)}
              : std::nullopt;
}

request_fate fate_of(const write_answer& answer, bool stopping) noexcept {
  if (stopping) {
    return request_fate::given_up;
  }
  if (answer.status >= 200 && answer.status < 300) {
    return request_fate::taken;
  }
  const bool final = answer.status >= 400 && answer.status < 500 && answer.status != 429;
  return final ? request_fate::refused : request_fate::repeated;
}

remote_connection::remote_connection(asio::io_context& io, const remote_write_config& config)
    : config_(config), resolver_(io.get_executor()) {
  auto text = config.url;
  credentials_ = take_user_info(text).value_or("");
  std::string error;
  const auto url = parse_url(text, error);
  if (!url || (url->scheme != "http" && url->scheme != "https") || url->host.empty()) {
    throw net::setup_error("remote_write.url: " + text + ": is not an http or https URL" +
                           (error.empty() ? "" : " (" + error + ")"));
  }
  target_ = net::target_of(*url);
  const auto origin = net::origin_of(*url);
  std::shared_ptr<asio::ssl::context> tls;
  if (origin.secure) {
    tls = net::client_tls({.ca_file = config.ca_file,
                           .insecure_skip_verify = config.insecure_skip_verify,
                           .section = "remote_write."});
  }
  client_.emplace(io, resolver_, origin, std::move(tls));
}

read_text remote_connection::authorization() const {
  if (config_.bearer_token_file.empty() && config_.basic_auth == basic_auth_config{} &&
      !credentials_.empty()) {
    return {basic_authorization(credentials_), {}};
  }
  return read_authorization("remote_write.", config_.bearer_token_file, config_.basic_auth);
}

std::string remote_connection::check() const { return authorization().error; }

asio::awaitable<write_answer> remote_connection::post(const std::string& body) {
  write_answer answer;
  const auto secret = authorization();
  if (!secret.ok()) {
    answer.text = secret.error;
    co_return answer;
  }
  net::http_request_parts parts;
  parts.method = "POST";
  parts.target = target_;
  parts.headers = {{"Content-Type", "application/x-protobuf"},
                   {"Content-Encoding", "snappy"},
                   {"X-Prometheus-Remote-Write-Version", "0.1.0"}};
  if (!secret.text.empty()) {
    parts.headers.emplace_back("Authorization", secret.text);
  }
  parts.headers.insert(parts.headers.end(), config_.headers.begin(), config_.headers.end());
  parts.body = body;
  parts.repeatable = true; // a sample that comes twice is the same
  parts.limits.max_body = longest_answer;
  const auto got =
      co_await client_->request(std::move(parts), monotonic_clock::now() + config_.timeout);
  // Of an answer that is too long the status is enough.
  if (!got.ok() && (got.fault != net::http_fault::too_large || got.status == 0)) {
    answer.text = got.error;
    co_return answer;
  }
  answer.status = got.status;
  answer.text = "HTTP " + std::to_string(got.status) + ": " + excerpt(got.body);
  answer.retry_after =
      parse_retry_after(got.header("Retry-After"), to_unix_seconds(wall_clock::now()));
  co_return answer;
}

void remote_connection::close() {
  client_->stop();
  resolver_.stop();
}

} // namespace xprober::remote_write
