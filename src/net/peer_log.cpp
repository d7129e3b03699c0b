#include "xprober/net/peer_log.hpp"

#include "xprober/base/log.hpp"

namespace xprober::net {

namespace {

constexpr std::chrono::minutes peer_log_interval{1};
constexpr std::size_t max_logged_peers = 1024;

} // namespace

void peer_log::warn(const std::string& peer, std::string_view message, std::string_view error) {
  const auto now = std::chrono::steady_clock::now();
  const auto address = peer.substr(0, peer.rfind(':'));
  if (const auto found = last_.find(address);
      found != last_.end() && now - found->second < peer_log_interval) {
    return;
  }
  if (last_.size() >= max_logged_peers) {
    last_.clear();
  }
  last_[address] = now;
  log::warn(component_, message, {{"peer", peer}, {"error", error}});
}

} // namespace xprober::net
