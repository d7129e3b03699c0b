#pragma once

#include <compare>
#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "xprober/domain/clock.hpp"
#include "xprober/resolver/resolver.hpp"

namespace xprober::dns {

/// What answers are kept by.
struct name_key {
  std::string host; ///< in lower case
  ip_family preferred = ip_family::ip4;

  auto operator<=>(const name_key&) const = default;
};

using answer_ptr = std::shared_ptr<const resolve_answer>;

/// Answers until their time is over, a bounded number of them: the one whose time ends first makes
/// room.
class answer_cache {
public:
  /// `most`: answers; 0: none is kept.
  explicit answer_cache(std::size_t most) : most_(most) {}

  /// Null where there is none, or its time is over.
  answer_ptr find(const name_key& key, monotonic_time now);

  /// Takes the place of what was there. Does nothing where the cache is full of answers that all
  /// last longer.
  void put(const name_key& key, answer_ptr answer, monotonic_time until, monotonic_time now);

  /// Forgets everything, and is bounded anew.
  void reset(std::size_t most);

  std::size_t size() const noexcept { return entries_.size(); }

private:
  using ends = std::multimap<monotonic_time, const name_key*>;

  struct entry {
    answer_ptr answer;
    ends::iterator end; ///< its place in `ends_`
  };

  void erase(std::map<name_key, entry>::iterator at);

  std::size_t most_;
  std::map<name_key, entry> entries_;
  ends ends_; ///< the keys of `entries_`, by the end of their time
};

} // namespace xprober::dns
