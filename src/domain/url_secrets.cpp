#include "xprober/domain/url_secrets.hpp"

#include <algorithm>
#include <array>

#include "xprober/domain/ascii.hpp"
#include "xprober/domain/percent.hpp"
#include "xprober/domain/target.hpp"

namespace xprober {

namespace {

constexpr std::array<std::string_view, 13> secret_names{
    "token", "pwd", "pass",   "key",    "sig",     "auth",     "authorization",
    "jwt",   "sid", "secret", "bearer", "session", "sessionid"};
constexpr std::array<std::string_view, 10> secret_endings{
    "token",     "password",  "passwd",    "secret",     "apikey",
    "accesskey", "secretkey", "signature", "credential", "credentials"};
constexpr std::string_view hidden_value = "***";

} // namespace

bool is_secret_parameter(std::string_view name) {
  auto plain = ascii::to_lower(percent_decode(name, true));
  std::erase_if(plain, [](char c) { return c == '-' || c == '_' || c == '.'; });
  return std::ranges::find(secret_names, plain) != secret_names.end() ||
         std::ranges::any_of(secret_endings,
                             [&](std::string_view ending) { return plain.ends_with(ending); });
}

std::optional<std::string> hide_query_secrets(std::string& url) {
  const auto end = std::min(url.find('#'), url.size());
  const auto mark = url.find('?');
  if (mark >= end) {
    return std::nullopt;
  }
  auto query = url.substr(mark + 1, end - mark - 1);
  std::string shown;
  bool hidden = false;
  for (std::string_view rest = query; !rest.empty();) {
    const auto length = std::min(rest.find_first_of("&;"), rest.size());
    const auto part = rest.substr(0, length);
    const auto equals = std::min(part.find('='), part.size());
    if (equals + 1 < part.size() && is_secret_parameter(part.substr(0, equals))) {
      shown.append(part.substr(0, equals + 1)).append(hidden_value);
      hidden = true;
    } else {
      shown.append(part);
    }
    shown.append(rest.substr(length, 1)); // what stands between two parameters
    rest.remove_prefix(std::min(length + 1, rest.size()));
  }
  if (!hidden) {
    return std::nullopt;
  }
  url.replace(mark + 1, query.size(), shown);
  return query;
}

std::string shown_url(std::string_view url) {
  std::string shown{url};
  take_user_info(shown);
  hide_query_secrets(shown);
  return shown;
}

} // namespace xprober
