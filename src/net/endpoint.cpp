#include "xprober/net/endpoint.hpp"

#include "xprober/domain/target_text.hpp"
#include "xprober/domain/url_secrets.hpp"

namespace xprober::net {

namespace {

std::optional<endpoint> wrong(std::string_view text, const std::string& reason,
                              std::string& error) {
  error = "rpc_server_addr: " + without_user(text) + ": " + reason;
  return std::nullopt;
}

} // namespace

std::optional<endpoint> parse_endpoint(std::string_view text, std::string& error) {
  endpoint result;
  result.text = shown_url(text);
  std::string reason;
  if (text.find("://") == std::string_view::npos) {
    const auto where = parse_host_port(text, reason);
    if (!where) {
      return wrong(text, reason, error);
    }
    result.where = *where;
  } else {
    const auto url = parse_url(text, reason);
    if (!url) {
      return wrong(text, reason, error);
    }
    const bool http = url->scheme == "http" || url->scheme == "https";
    if (!http && url->scheme != "msgpack" && url->scheme != "msgpacks") {
      return wrong(text, "the scheme must be msgpack, msgpacks, http or https", error);
    }
    result.kind = http ? transport::http : transport::msgpack;
    result.tls = url->scheme == "https" || url->scheme == "msgpacks";
    if (!http && !url->port) {
      return wrong(text, "the port is missing", error);
    }
    result.where = {url->whole_host(), url->port.value_or(result.tls ? 443 : 80)};
    result.base_path = url->target;
    while (result.base_path.ends_with('/')) {
      result.base_path.pop_back();
    }
  }
  if (result.where.host.empty()) {
    return wrong(text, "the host is missing", error);
  }
  if (result.where.port == 0) {
    return wrong(text, "the port is 0", error);
  }
  return result;
}

} // namespace xprober::net
