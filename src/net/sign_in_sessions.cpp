#include "xprober/net/sign_in_sessions.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <openssl/rand.h>

#include "xprober/domain/base64.hpp"

namespace xprober::net {

namespace {

std::string random_secret() {
  std::array<unsigned char, 32> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("there is no randomness for the secret of a session");
  }
  return base64url(std::string{bytes.begin(), bytes.end()});
}

} // namespace

std::string sign_in_sessions::begin(access_role role, monotonic_time now) {
  auto secret = random_secret();
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
