#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "xprober/domain/target.hpp"

namespace xprober {

/// A target whose results are kept by themselves, beside those of its pair of regions or address.
struct watched_target {
  std::uint64_t hash = 0;          ///< of its uid, see `stable_hash`
  std::int64_t since_unix = 0;     ///< all that was measured from then on is there
  std::int64_t asked_unix = 0;     ///< when it was asked for last; 0: not, or too long ago
  std::int64_t named_unix = 0;     ///< when it was named last as one of an incident's; 0: likewise
  std::optional<target_uid> uid{}; ///< known once it was named, or a result of it has come

  bool operator==(const watched_target&) const = default;
};

/// Which targets history keeps by themselves: those that somebody asks for, and those that are
/// named because something is wrong with them. Each for a day after the last time, and so many at
/// most: one more takes the place of the one whose last time is longest ago. The named have places
/// of their own, so that a large incident takes none from people. All times are Unix seconds.
class watched_targets {
public:
  static constexpr std::size_t most_asked = 100;
  static constexpr std::size_t most_named = 100;
  static constexpr std::size_t most = most_asked + most_named;
  static constexpr std::int64_t kept_seconds = 24 * 3600;

  /// Somebody asks for one, which is watched from now on if it was not.
  const watched_target& ask(std::uint64_t hash, std::int64_t now);

  /// These are to be watched. Those that are watched already keep their places, the others get them
  /// in their order; gives how many have got none.
  std::size_t name(std::span<const target_uid> uids, std::int64_t now);

  /// Null: it is not watched.
  const watched_target* find(std::uint64_t hash) const;
  /// What the one with this hash is called, from a result of it.
  void learn(std::uint64_t hash, const target_uid& uid);

  /// Lets go of those whose time is over.
  void expire(std::int64_t now);

  /// What was there of all of them is lost.
  void begin_anew(std::int64_t now);

  /// What is there of others than these is lost, and these are watched, too.
  void adopt(const std::vector<watched_target>& kept, std::int64_t now);

  std::vector<watched_target> all() const; ///< by hash
  std::size_t size() const noexcept { return targets_.size(); }
  bool empty() const noexcept { return targets_.empty(); }

  /// Something is different since it was noted last that all is written.
  bool has_changed() const noexcept { return changed_; }
  void note_written() noexcept { changed_ = false; }

private:
  using claim = std::int64_t watched_target::*;
  using hashes = std::unordered_set<std::uint64_t>;

  watched_target& begin(std::uint64_t hash, std::int64_t now);
  std::size_t count(claim of) const;
  void make_room(claim of, std::size_t room, const hashes& spared);
  void drop_unclaimed();

  std::unordered_map<std::uint64_t, watched_target> targets_;
  bool changed_ = false;
};

} // namespace xprober
