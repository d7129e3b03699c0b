#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "xprober/domain/places.hpp"
#include "xprober/probes/stream/job.hpp"

namespace xprober::stream {

/// Probes that wait for a place, by the pace of their target, each queue in the order of arrival.
class waiting_probes {
public:
  /// A probe of a target that was quick or slow when it was last seen.
  void push(job&& item, monotonic_time now);
  /// A probe that had begun as quick and took long: it begins anew among the slow ones.
  void push_yielded(job&& item, monotonic_time now);

  /// Takes the next one that may have one of `seats`; nothing if nobody waits or may begin.
  struct next_probe {
    job item;
    pace as;
  };
  std::optional<next_probe> pop(const places& seats);

  /// Notes how long a probe of a target took.
  void note(const target_spec& target, pace seen, monotonic_time now);

  std::size_t size() const noexcept { return quick_.size() + slow_.size(); }
  std::size_t quick() const noexcept { return quick_.size(); }
  std::size_t slow() const noexcept { return slow_.size(); }
  /// Of those that wait: how many had begun and gave their place back.
  std::size_t begun() const noexcept { return begun_; }

  /// Takes all, whether they may begin or not.
  std::vector<job> take_all();

private:
  struct waiter {
    job item;
    std::uint64_t number; ///< in the order of arrival
  };

  std::deque<waiter> quick_;
  std::deque<waiter> slow_;
  std::uint64_t arrivals_ = 0;
  std::size_t begun_ = 0;
  pace_history history_;
};

} // namespace xprober::stream
