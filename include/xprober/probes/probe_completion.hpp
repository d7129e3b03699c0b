#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "xprober/domain/probe_result.hpp"

namespace xprober {

/// Called exactly once for each started probe, on the engine's own thread (or, for a request that
/// is refused at once, on the caller's). Must not block: it sends a message and returns.
///
/// A function that can be moved, not copied. What has at most `room` bytes lies in it: a
/// `std::function` keeps what is not trivial on the heap, which an actor's thread would allocate
/// and an engine's free for each probe.
class probe_completion {
public:
  static constexpr std::size_t room = 24;

  probe_completion() noexcept = default;
  probe_completion(std::nullptr_t) noexcept {} // NOLINT(google-explicit-constructor)
  template <class Call>
    requires(!std::same_as<std::remove_cvref_t<Call>, probe_completion> &&
             std::invocable<std::decay_t<Call>&, probe_outcome &&>)
  probe_completion(Call&& call) { // NOLINT(google-explicit-constructor)
    using plain = std::decay_t<Call>;
    if constexpr (fits<plain>()) {
      hold<plain>(std::forward<Call>(call));
    } else {
      hold<boxed<plain>>(boxed<plain>{std::make_unique<plain>(std::forward<Call>(call))});
    }
  }
  probe_completion(probe_completion&& other) noexcept { take(other); }
  probe_completion& operator=(probe_completion&& other) noexcept {
    if (this != &other) {
      drop();
      take(other);
    }
    return *this;
  }
  probe_completion(const probe_completion&) = delete;
  probe_completion& operator=(const probe_completion&) = delete;
  ~probe_completion() { drop(); }

  /// False where it holds nothing: then it must not be called.
  explicit operator bool() const noexcept { return what_ != nullptr; }

  void operator()(probe_outcome&& outcome) const { what_->call(bytes_, std::move(outcome)); }

private:
  struct operations {
    void (*call)(std::byte* held, probe_outcome&& outcome);
    void (*move)(std::byte* from, std::byte* to) noexcept;
    void (*drop)(std::byte* held) noexcept;
  };

  template <class Call>
  struct boxed {
    std::unique_ptr<Call> call;
    void operator()(probe_outcome&& outcome) { (*call)(std::move(outcome)); }
  };

  template <class Call>
  static constexpr bool fits() noexcept {
    return sizeof(Call) <= room && alignof(Call) <= alignof(void*) &&
           std::is_nothrow_move_constructible_v<Call>;
  }

  template <class Call>
  static Call& as(std::byte* held) noexcept {
    return *std::launder(reinterpret_cast<Call*>(held));
  }

  template <class Call, class Given>
  void hold(Given&& given) {
    static constexpr operations all{
        [](std::byte* held, probe_outcome&& outcome) { as<Call>(held)(std::move(outcome)); },
        [](std::byte* from, std::byte* to) noexcept {
          new (to) Call(std::move(as<Call>(from)));
          as<Call>(from).~Call();
        },
        [](std::byte* held) noexcept { as<Call>(held).~Call(); }};
    new (bytes_) Call(std::forward<Given>(given));
    what_ = &all;
  }

  void take(probe_completion& other) noexcept {
    what_ = std::exchange(other.what_, nullptr);
    if (what_ != nullptr) {
      what_->move(other.bytes_, bytes_);
    }
  }

  void drop() noexcept {
    if (const auto* what = std::exchange(what_, nullptr)) {
      what->drop(bytes_);
    }
  }

  alignas(void*) mutable std::byte bytes_[room];
  const operations* what_ = nullptr;
};

} // namespace xprober
