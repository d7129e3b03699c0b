#include "xprober/net/refusal.hpp"

#include <algorithm>

#include "xprober/domain/ascii.hpp"
#include "xprober/domain/time_text.hpp"
#include "xprober/domain/url_secrets.hpp"

namespace xprober::net {

namespace {

constexpr std::size_t longest_refusal = 300; ///< of a body, in logs
constexpr std::chrono::seconds longest_retry_wait{3600};

} // namespace

std::string refusal_text(const http_answer& answer, const std::vector<std::string>& secrets) {
  // Cut off afterwards: the beginning of a secret is not known as one.
  auto text = without_secrets(answer.body, secrets);
  text.resize(std::min(text.size(), longest_refusal));
  std::replace_if(text.begin(), text.end(), ascii::is_control, ' ');
  return "HTTP " + std::to_string(answer.status) + ": " + text;
}

std::optional<std::chrono::seconds> retry_after(const http_answer& answer, wall_time now) {
  return parse_retry_after(answer.header("Retry-After"), to_unix_seconds(now));
}

std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, std::int64_t now) {
  if (text.empty()) {
    return std::nullopt;
  }
  if (std::ranges::all_of(text, ascii::is_digit)) {
    return text.size() > 6
               ? longest_retry_wait
               : std::min(longest_retry_wait, std::chrono::seconds{std::stol(std::string{text})});
  }
  const auto date = parse_http_date(text);
  return date ? std::optional{std::clamp(std::chrono::seconds{*date - now}, std::chrono::seconds{0},
                                         longest_retry_wait)}
              : std::nullopt;
}

} // namespace xprober::net
