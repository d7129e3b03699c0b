#include "xprober/domain/history/histogram_set.hpp"

#include <algorithm>

#include "xprober/domain/string_hash.hpp"

namespace xprober {

std::size_t histogram_set::subject_hash::operator()(const history_subject& of) const noexcept {
  const auto names = combine_hash(hash_bytes(of.kind), std::string_view{of.source_region});
  return combine_hash(names, std::string_view{of.other});
}

native_histogram* histogram_set::find(const history_subject& of, monotonic_time now,
                                      std::int64_t unix_ms) {
  auto found = entries_.find(of);
  if (found == entries_.end()) {
    if (entries_.size() >= most_) {
      return nullptr;
    }
    found = entries_.emplace(of, entry{{}, unix_ms, now}).first;
  }
  found->second.heard = now;
  return &found->second.seconds;
}

void histogram_set::expire(monotonic_time now, nanoseconds longest) {
  std::erase_if(entries_, [&](const auto& item) { return now - item.second.heard >= longest; });
}

void histogram_set::excuse(monotonic_time now) {
  for (auto& [subject, one] : entries_) {
    one.heard = now;
  }
}

std::vector<histogram_series> histogram_set::all(monotonic_time now) const {
  std::vector<histogram_series> out;
  out.reserve(entries_.size());
  for (const auto& [subject, one] : entries_) {
    out.push_back({subject, one.seconds, one.created_unix_ms, now - one.heard});
  }
  std::ranges::sort(out, {}, &histogram_series::subject);
  return out;
}

} // namespace xprober
