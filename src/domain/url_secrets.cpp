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
constexpr std::size_t shortest_secret = 4;
constexpr std::size_t shortest_path_secret = 8;

/// Takes what stands before the next of some characters off its front, with that.
std::string_view take_part(std::string_view& rest, std::string_view ends) {
  const auto length = std::min(rest.find_first_of(ends), rest.size());
  const auto part = rest.substr(0, length);
  rest.remove_prefix(std::min(length + 1, rest.size()));
  return part;
}

/// Gathers what may be repeated, in all ways to write it.
class secret_texts {
public:
  explicit secret_texts(std::string_view shown) : shown_(shown) {}

  void add(std::string_view text, std::size_t shortest = shortest_secret) {
    keep(std::string{text}, shortest);
    keep(percent_decode(text), shortest);
    keep(percent_decode(text, true), shortest);
  }

  std::vector<std::string> take() {
    std::ranges::sort(found_, [](const std::string& a, const std::string& b) {
      return a.size() != b.size() ? a.size() > b.size() : a < b;
    });
    found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
    return std::move(found_);
  }

private:
  void keep(std::string text, std::size_t shortest) {
    if (text.size() >= shortest && shown_.find(text) == std::string_view::npos) {
      found_.push_back(std::move(text));
    }
  }

  std::string_view shown_;
  std::vector<std::string> found_;
};

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

std::vector<std::string> secrets_of_url(std::string_view url, std::string_view shown) {
  secret_texts found{shown};
  std::string plain{url.substr(0, url.find('#'))};
  if (const auto user = take_user_info(plain)) {
    const auto colon = user->find(':');
    found.add(colon == std::string::npos ? *user : std::string_view{*user}.substr(colon + 1));
  }
  const auto scheme = plain.find("://");
  const auto host = scheme == std::string::npos ? 0 : scheme + 3;
  const auto target = std::min(plain.find_first_of("/?", host), plain.size());
  std::string_view path{plain};
  path.remove_prefix(target);
  found.add(path, shortest_path_secret);
  const auto mark = std::min(path.find('?'), path.size());
  auto query = path.substr(mark);
  path = path.substr(0, mark);
  while (!path.empty()) {
    found.add(take_part(path, "/"), shortest_path_secret);
  }
  while (!query.empty()) {
    auto parameter = take_part(query, "?&;");
    take_part(parameter, "=");
    found.add(parameter);
  }
  return found.take();
}

std::string without_secrets(std::string text, const std::vector<std::string>& secrets) {
  for (const auto& secret : secrets) {
    for (auto at = text.find(secret); at != text.npos; at = text.find(secret, at)) {
      text.replace(at, secret.size(), hidden_value);
      at += hidden_value.size();
    }
  }
  return text;
}

} // namespace xprober
