#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace xprober {

/// How many letters must be inserted, removed, replaced, or swapped with their neighbour to make
/// `a` of `b` (optimal string alignment).
std::size_t spelling_distance(std::string_view a, std::string_view b);

/// Finds the word that is meant by one that is not known.
class spelling {
public:
  /// Nothing is near to a word of more than 64 letters.
  explicit spelling(std::string_view word);

  /// Of those that are equally near the first counts.
  void offer(std::string_view known);

  /// The nearest that was offered; empty if none is near enough to be meant.
  const std::string& best() const noexcept { return best_; }

private:
  std::string word_;
  std::string best_;
  std::size_t too_far_; ///< a distance; the best one's, once there is one
};

/// The name among `known` that was meant most likely where `text` is none of them: one letter in
/// three may be wrong. What begins with a known name is a name of its own (`http_2xx`). Empty if
/// there is none.
std::string_view near_name(std::string_view text, std::span<const std::string_view> known);

} // namespace xprober
