#include "xprober/resolver/answer_cache.hpp"

#include <utility>

namespace xprober::dns {

answer_ptr answer_cache::find(const name_key& key, monotonic_time now) {
  const auto at = entries_.find(key);
  if (at == entries_.end()) {
    return nullptr;
  }
  if (at->second.end->first <= now) {
    erase(at);
    return nullptr;
  }
  return at->second.answer;
}

void answer_cache::put(const name_key& key, answer_ptr answer, monotonic_time until,
                       monotonic_time now) {
  if (const auto old = entries_.find(key); old != entries_.end()) {
    erase(old);
  }
  while (!ends_.empty() && (ends_.begin()->first <= now || entries_.size() >= most_)) {
    if (ends_.begin()->first > now && until <= ends_.begin()->first) {
      return;
    }
    erase(entries_.find(*ends_.begin()->second));
  }
  if (until <= now || entries_.size() >= most_) {
    return;
  }
  const auto at = entries_.emplace(key, entry{std::move(answer), {}}).first;
  at->second.end = ends_.emplace(until, &at->first);
}

void answer_cache::reset(std::size_t most) {
  ends_.clear();
  entries_.clear();
  most_ = most;
}

void answer_cache::erase(std::map<name_key, entry>::iterator at) {
  ends_.erase(at->second.end);
  entries_.erase(at);
}

} // namespace xprober::dns
