#include "xprober/net/delivery.hpp"

#include <functional>

#include <boost/asio/use_awaitable.hpp>

#include "xprober/base/authorization.hpp"
#include "xprober/domain/target.hpp"
#include "xprober/domain/url_secrets.hpp"
#include "xprober/net/file_reading.hpp"
#include "xprober/net/refusal.hpp"

namespace xprober::net {

delivery_outcome outcome_of(unsigned status) noexcept {
  if (status >= 200 && status < 300) {
    return delivery_outcome::taken;
  }
  const bool final = status >= 400 && status < 500 && status != 429;
  return final ? delivery_outcome::refused : delivery_outcome::again;
}

delivery_connection::delivery_connection(boost::asio::io_context& io, delivery_target target)
    : to_(std::move(target)), resolver_(io.get_executor()) {
  auto text = to_.url;
  // "http://@host/" names no user.
  if (const auto user = take_user_info(text); user && !user->empty()) {
    credentials_ = plain_user_info(*user);
  }
  std::string error;
  const auto url = parse_url(text, error);
  if (!url || (url->scheme != "http" && url->scheme != "https") || url->host.empty()) {
    throw setup_error(to_.tls.section + "url: " + to_.shown + " is not an http or https URL" +
                      (error.empty() ? "" : " (" + error + ")"));
  }
  path_ = target_of(*url);
  secrets_ = secrets_of_url(to_.url, to_.shown);
  const auto origin = origin_of(*url);
  client_.emplace(io, resolver_, origin, origin.secure ? client_tls(to_.tls) : nullptr);
}

read_text delivery_connection::authorization() const {
  const bool configured = !to_.bearer_token_file.empty() || to_.basic_auth != basic_auth_config{};
  return configured || credentials_.empty()
             ? read_authorization(to_.tls.section, to_.bearer_token_file, to_.basic_auth)
             : read_text{basic_authorization(credentials_), {}};
}

/// Files may lie where nobody answers; without one nothing has to be waited for.
boost::asio::awaitable<read_text>
delivery_connection::authorization_apart(monotonic_time until) const {
  if (to_.bearer_token_file.empty() && to_.basic_auth.password_file.empty()) {
    co_return authorization();
  }
  std::function<read_text()> read = [section = to_.tls.section, token = to_.bearer_token_file,
                                     basic = to_.basic_auth] {
    return read_authorization(section, token, basic);
  };
  co_return co_await read_apart(std::move(read), until);
}

boost::asio::awaitable<delivery_answer>
delivery_connection::post(std::string_view body, header_list headers, monotonic_time until) {
  delivery_answer answer;
  const auto secret = co_await authorization_apart(until);
  if (!secret.ok()) {
    answer.text = secret.error;
    co_return answer;
  }
  http_request_parts parts;
  parts.method = "POST";
  parts.target = path_;
  parts.headers = std::move(headers);
  if (!secret.text.empty()) {
    parts.headers.emplace_back("Authorization", secret.text);
  }
  parts.headers.insert(parts.headers.end(), to_.headers.begin(), to_.headers.end());
  parts.body = body;
  parts.repeatable = true;
  parts.limits.max_body = to_.longest_answer;
  const auto got = co_await client_->request(std::move(parts), until);
  // Of an answer that is too long the status is enough.
  if (!got.ok() && (got.fault != http_fault::too_large || got.status == 0)) {
    answer.text = got.error;
    co_return answer;
  }
  answer.status = got.status;
  answer.text = refusal_text(got, secrets_);
  answer.retry_after = retry_after(got, wall_clock::now());
  co_return answer;
}

void delivery_connection::close() {
  client_->stop();
  resolver_.stop();
}

} // namespace xprober::net
