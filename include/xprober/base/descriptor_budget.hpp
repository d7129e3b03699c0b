#pragma once

#include <atomic>
#include <cstdint>

#include "xprober/base/descriptors.hpp"

namespace xprober {

/// The descriptors that a process may have open, and who may use how many: engines of probes share
/// what ports and files leave. Each sharer is sure of a part, so that one whose targets hang does
/// not keep all; the rest goes to whoever comes first. Counters without locks, for any thread.
///
/// Of the limit 128 (half of it at most) are for files, databases and name servers; ports keep what
/// they say, three quarters of what is left at most.
class descriptor_budget {
public:
  using limit_source = std::uint64_t (*)() noexcept;

  /// `limit` says how many there are in all; it may change.
  explicit descriptor_budget(limit_source limit = &descriptor_limit) noexcept : limit_(limit) {}
  descriptor_budget(const descriptor_budget&) = delete;
  descriptor_budget& operator=(const descriptor_budget&) = delete;
  ~descriptor_budget() = default;

  /// That of this process.
  static descriptor_budget& of_process() noexcept;

  /// What ports keep as long as it lives.
  class reservation {
  public:
    reservation(descriptor_budget& of, std::uint64_t descriptors) noexcept;
    reservation(const reservation&) = delete;
    reservation& operator=(const reservation&) = delete;
    ~reservation();

  private:
    descriptor_budget& of_;
    std::uint64_t descriptors_;
  };

  /// One sharer: of one thread.
  class share {
  public:
    explicit share(descriptor_budget& of) noexcept;
    share(const share&) = delete;
    share& operator=(const share&) = delete;
    ~share();

    /// Looks at the limit, what is kept and how many share; holds until the next look.
    void look() noexcept;

    /// Takes one; false, and nothing is taken, where there is none for this sharer now.
    bool take() noexcept;
    /// Gives back one that was taken.
    void give_back() noexcept;

    std::uint64_t held() const noexcept { return own_ + common_; }
    /// How many could be taken now.
    std::uint64_t room() const noexcept;
    /// How many it could hold, held the others none; 1 at least.
    std::uint64_t most() const noexcept { return sure_ + common_most_; }

  private:
    descriptor_budget& of_;
    std::uint64_t sure_ = 1;        ///< nobody else takes them
    std::uint64_t common_most_ = 0; ///< of all sharers together
    std::uint64_t own_ = 0;         ///< held of those that are sure
    std::uint64_t common_ = 0;      ///< held of the others
  };

private:
  limit_source limit_;
  std::atomic<std::uint64_t> kept_{0};
  std::atomic<std::uint64_t> sharers_{0};
  std::atomic<std::uint64_t> common_{0}; ///< taken, by all
};

} // namespace xprober
