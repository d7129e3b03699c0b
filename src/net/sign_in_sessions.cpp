#include "xprober/net/sign_in_sessions.hpp"

#include <algorithm>

#include "xprober/base/random_text.hpp"

namespace xprober::net {

std::string sign_in_sessions::begin(access_role role, monotonic_time now) {
  auto secret = random_text();
  std::erase_if(sessions_, [&](const auto& each) { return each.second.ends <= now; });
  if (sessions_.size() >= most) {
    sessions_.erase(
        std::ranges::min_element(sessions_, {}, [](const auto& each) { return each.second.ends; }));
  }
  sessions_[hash_secret(secret)] = {role, now + lasts};
  return secret;
}

access_role sign_in_sessions::find(std::string_view secret, monotonic_time now) const {
  const auto found = sessions_.find(hash_secret(secret));
  return found == sessions_.end() || found->second.ends <= now ? access_role::nobody
                                                               : found->second.role;
}

void sign_in_sessions::end(std::string_view secret) { sessions_.erase(hash_secret(secret)); }

void sign_in_sessions::end_all(access_role role) {
  std::erase_if(sessions_, [&](const auto& each) { return each.second.role == role; });
}

} // namespace xprober::net
