#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

namespace xprober::storage {

/// When the batches of a spool began to wait, by their ids, which only go up.
class waiting_times {
public:
  /// Beyond, every other one is forgotten: as long as its batch is the oldest, the next one's time
  /// is told.
  static constexpr std::size_t most = 4096;

  void note(std::uint64_t id, std::int64_t unix_seconds);

  /// This batch and all before it have gone.
  void forget_through(std::uint64_t id);

  /// That of a batch, or of the next one that is known; 0: of none.
  std::int64_t since(std::uint64_t id) const noexcept;
  /// That of the oldest; 0: nothing waits.
  std::int64_t oldest() const noexcept;

private:
  struct beginning {
    std::uint64_t id = 0;
    std::int64_t unix_seconds = 0;
  };

  std::deque<beginning> times_;
};

} // namespace xprober::storage
