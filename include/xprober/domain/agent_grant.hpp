#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/domain/cidr.hpp"

namespace xprober {

/// For which agents the holder of a credential may speak.
class agent_grant {
public:
  /// For all. `credential` is what it is called in messages, and by what it is told from others; it
  /// stays while the secret of it changes.
  explicit agent_grant(std::string credential) : credential_(std::move(credential)) {}

  /// For those of these regions that have an address in these networks; of an empty list every one
  /// will do. `written` is what a message says of where that is written.
  agent_grant(std::string credential, std::vector<std::string> regions,
              std::vector<ip_block> networks,
              std::string written = "access of the server's file says for which")
      : credential_(std::move(credential)), regions_(std::move(regions)),
        networks_(std::move(networks)), written_(std::move(written)) {}

  const std::string& credential() const noexcept { return credential_; }

  /// Whether it may speak for every agent: then it tells nobody from anybody.
  bool is_for_all() const noexcept { return regions_.empty() && networks_.empty(); }

  /// Why it may not speak for an agent; empty where it may.
  std::string why_not(std::string_view region, std::string_view local_ip) const;

private:
  std::string credential_;
  std::vector<std::string> regions_;
  std::vector<ip_block> networks_;
  std::string written_;
};

} // namespace xprober
