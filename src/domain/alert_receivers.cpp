#include "xprober/domain/alert_receivers.hpp"

#include "xprober/domain/address.hpp"
#include "xprober/domain/ascii.hpp"
#include "xprober/domain/hex.hpp"
#include "xprober/domain/string_hash.hpp"
#include "xprober/domain/target.hpp"
#include "xprober/domain/url_secrets.hpp"

namespace xprober {

std::string receiver_name(const alert_receiver_config& alertmanager) {
  auto shown = shown_url(alertmanager.url);
  while (shown.ends_with('/')) {
    shown.pop_back();
  }
  return "alertmanager:" + shown;
}

std::string receiver_name(const webhook_config& webhook) {
  if (!webhook.name.empty()) {
    return "webhook:" + webhook.name;
  }
  auto url = webhook.to.url;
  take_user_info(url);
  std::string ignored;
  const auto parts = parse_url(url, ignored);
  std::string server;
  if (parts) {
    const auto usual = static_cast<std::uint16_t>(parts->scheme == "https" ? 443 : 80);
    const host_port at{parts->host, parts->port.value_or(usual)};
    server = parts->scheme + "://" + to_string(at);
  }
  return "webhook:" + server + "#" + hex_number(hash_bytes(url), 8);
}

bool is_json_type(std::string_view content_type) noexcept {
  const auto type = ascii::trim(content_type.substr(0, content_type.find(';')));
  constexpr std::string_view json = "json";
  if (type.size() <= json.size() || !ascii::same(type.substr(type.size() - json.size()), json)) {
    return false;
  }
  const char before = type[type.size() - json.size() - 1];
  return before == '/' || before == '+';
}

} // namespace xprober
