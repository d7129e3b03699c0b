#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

#include "xprober/domain/clock.hpp"
#include "xprober/net/peer_key.hpp"

namespace xprober::net {

/// Bounds how often peers may try a secret and fail: within each minute one that has failed so many
/// times (`each_minute`) has to wait for the next. Users whom a proxy names are counted each for
/// himself, and not as the proxy. Of more than `most_peers` that fail in one minute the others
/// wait, too.
class attempt_limit {
public:
  static constexpr std::chrono::minutes window{1};
  static constexpr std::uint32_t each_minute = 10;
  static constexpr std::size_t most_peers = 10'000;

  explicit attempt_limit(std::uint32_t attempts = each_minute) : attempts_(attempts) {}

  /// Whether this peer may try now; `user`: whom it names where it is a proxy that is believed.
  bool may_try(const peer_key& peer, monotonic_time now, std::string_view user = {});

  /// The same where each attempt counts, whatever comes of it.
  bool take(const peer_key& peer, monotonic_time now, std::string_view user = {});

  /// What it tried was wrong.
  void failed(const peer_key& peer, monotonic_time now, std::string_view user = {});

private:
  void look_at(monotonic_time now);

  std::map<std::pair<peer_key, std::uint64_t>, std::uint32_t> failures_; ///< by the user's hash
  std::uint32_t attempts_;                                               ///< in each minute
  monotonic_time begun_{};
};

} // namespace xprober::net
