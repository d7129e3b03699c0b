#include "xprober/net/attempt_limit.hpp"

#include "xprober/domain/string_hash.hpp"

namespace xprober::net {

void attempt_limit::look_at(monotonic_time now) {
  if (now - begun_ >= window) {
    failures_.clear();
    begun_ = now;
  }
}

bool attempt_limit::may_try(const peer_key& peer, monotonic_time now, std::string_view user) {
  look_at(now);
  const auto found = failures_.find({peer, hash_bytes(user)});
  return found == failures_.end() ? failures_.size() < most_peers : found->second < attempts_;
}

bool attempt_limit::take(const peer_key& peer, monotonic_time now, std::string_view user) {
  const bool may = may_try(peer, now, user);
  if (may) {
    failed(peer, now, user);
  }
  return may;
}

void attempt_limit::failed(const peer_key& peer, monotonic_time now, std::string_view user) {
  look_at(now);
  ++failures_[{peer, hash_bytes(user)}];
}

} // namespace xprober::net
