#include "xprober/remote_write/sent_samples.hpp"

#include <algorithm>
#include <utility>

namespace xprober {

sent_samples::place sent_samples::enter(std::uint64_t key, std::int64_t unix_ms,
                                        written_with& with) {
  const auto [found, fresh] = last_.try_emplace(key, last_sample{unix_ms, request_, with});
  auto& last = found->second;
  if (fresh) {
    with.told = 0;
    return place::fresh;
  }
  if (unix_ms <= last.unix_ms) {
    return unix_ms == last.unix_ms ? place::repeated : place::late;
  }
  if (last.request == request_) {
    return place::taken;
  }
  last.unix_ms = unix_ms;
  last.request = request_;
  std::swap(last.with, with);
  return last.with.extra == with.extra ? place::fresh : place::relabelled;
}

sent_samples::ending sent_samples::end(std::uint64_t key, std::int64_t unix_ms) {
  const auto found = last_.find(key);
  if (found == last_.end()) {
    return {false, unix_ms, std::nullopt};
  }
  auto& last = found->second;
  if (last.request == request_) {
    return {true, unix_ms, last.with.extra};
  }
  // Kept, not erased: a straggler must not stand before the marker.
  last.unix_ms = std::max(unix_ms, last.unix_ms + 1);
  last.request = request_;
  last.with.told = 0;
  return {false, last.unix_ms, last.with.extra};
}

void sent_samples::begin_request() {
  ++request_;
  if (last_.size() > most_remembered) {
    last_.clear();
  }
}

} // namespace xprober
