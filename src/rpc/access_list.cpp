#include "xprober/rpc/access_list.hpp"

#include <algorithm>
#include <utility>

#include "xprober/domain/targets/mesh_gate.hpp"
#include "xprober/net/access_rules.hpp"
#include "xprober/net/tls.hpp"
#include "xprober/rpc/token.hpp"

namespace xprober::rpc {

namespace {

/// The networks were checked when the file was read.
grant_ptr grant_of(const access_entry& entry) {
  std::vector<ip_block> networks;
  std::string ignored;
  for (const auto& text : entry.networks) {
    if (const auto block = parse_network(text, ignored)) {
      networks.push_back(*block);
    }
  }
  auto name = entry.certificate.empty() ? "token_file " + entry.token_file
                                        : "certificate " + entry.certificate;
  return std::make_shared<const agent_grant>(std::move(name), entry.regions, std::move(networks));
}

} // namespace

access_list::access_list(const std::vector<access_entry>& entries) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& entry = entries[i];
    if (!entry.certificate.empty()) {
      certificates_.push_back({entry.certificate, grant_of(entry)});
      continue;
    }
    const auto key = "access[" + std::to_string(i) + "].token_file";
    const auto token = net::hash_secret(read_agents_token(entry.token_file, key));
    if (std::ranges::find(tokens_, token, &token_entry::token) != tokens_.end()) {
      throw net::setup_error(key + ": " + entry.token_file +
                             ": holds the token of an entry before; allowed is another one");
    }
    tokens_.push_back({token, grant_of(entry)});
  }
}

grant_ptr access_list::find(std::string_view authorization, std::string_view certificate) const {
  grant_ptr found;
  if (const auto token = net::bearer_token(authorization)) {
    const auto shown = net::hash_secret(*token);
    // All are compared: which one it is does not show in the time.
    for (const auto& entry : tokens_) {
      if (net::is_same_secret(shown, entry.token)) {
        found = entry.grant;
      }
    }
  }
  if (!found && !certificate.empty()) {
    const auto entry = std::ranges::find(certificates_, certificate, &certificate_entry::name);
    if (entry != certificates_.end()) {
      found = entry->grant;
    }
  }
  return found;
}

} // namespace xprober::rpc
