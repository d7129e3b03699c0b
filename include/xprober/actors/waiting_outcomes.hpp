#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <utility>

namespace xprober {

/// Outcomes that engines have told and that `results` has not taken yet: in the mailboxes of
/// targets and in its own. Where too many wait, ticks begin no probes, so what lies between engines
/// and `results` has a bound: the limit and what was in flight when it was reached.
///
/// Engines and actors share it, for it is two numbers, each of which is right by itself: no lock,
/// and one operation on memory when an outcome is told and another one when it is taken. Outlives
/// the actors and the engines.
class waiting_outcomes {
public:
  /// The limit is a second of results where there are targets enough, probed every 15 s: then the
  /// actors are a second behind, which is no hiccup any more.
  static constexpr std::uint64_t least_limit = 4096;
  static constexpr std::uint64_t targets_for_one = 15;

  /// One outcome's place, from its engine on. Counted until it ends, or `results` takes it over.
  class place {
  public:
    place() = default;
    explicit place(waiting_outcomes* all) noexcept : all_(all) {
      if (all_ != nullptr) {
        all_->add();
      }
    }
    place(const place& other) noexcept : place(other.all_) {}
    place(place&& other) noexcept : all_(std::exchange(other.all_, nullptr)) {}
    place& operator=(place other) noexcept {
      std::swap(all_, other.all_);
      return *this;
    }
    ~place() {
      if (all_ != nullptr) {
        all_->taken();
      }
    }

    /// The outcome goes to `results`, which says when it has taken it.
    void pass_on() noexcept { all_ = nullptr; }

  private:
    waiting_outcomes* all_ = nullptr;
  };

  /// Sets the limit by the number of targets.
  void set_targets(std::uint64_t count) noexcept {
    limit_.store(std::max(least_limit, count / targets_for_one), std::memory_order_relaxed);
  }

  /// No probe is to begin now.
  bool full() const noexcept {
    return count_.load(std::memory_order_relaxed) >= limit_.load(std::memory_order_relaxed);
  }

  void add() noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
  void taken() noexcept { count_.fetch_sub(1, std::memory_order_relaxed); }

  std::uint64_t count() const noexcept { return count_.load(std::memory_order_relaxed); }
  std::uint64_t limit() const noexcept { return limit_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> count_{0};
  std::atomic<std::uint64_t> limit_{least_limit};
};

} // namespace xprober
