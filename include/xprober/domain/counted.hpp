#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace xprober {

/// How many pointers hold the object that has this as its member `references`. A copy of an object
/// is held by nobody.
class reference_count {
public:
  reference_count() = default;
  reference_count(const reference_count&) noexcept {}
  reference_count& operator=(const reference_count&) noexcept { return *this; } // NOLINT
  ~reference_count() = default;

  void add() const noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
  /// True for the last one.
  bool drop() const noexcept { return count_.fetch_sub(1, std::memory_order_acq_rel) == 1; }

private:
  mutable std::atomic<std::uint32_t> count_{0};
};

/// A pointer that shares its object, whose member `references` counts who holds it: four bytes in
/// the object and eight for each who holds it, where a `std::shared_ptr` takes 16 of each. For
/// objects of which there is one for each of a million targets.
template <class T>
class counted_ptr {
public:
  using element_type = T;

  counted_ptr() noexcept = default;
  counted_ptr(std::nullptr_t) noexcept {} // NOLINT(google-explicit-constructor)
  explicit counted_ptr(T* object) noexcept : object_(object) { add(); }
  counted_ptr(const counted_ptr& other) noexcept : object_(other.object_) { add(); }
  counted_ptr(counted_ptr&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  template <class U>
    requires std::convertible_to<U*, T*>
  counted_ptr(counted_ptr<U> other) noexcept // NOLINT(google-explicit-constructor)
      : object_(other.release()) {}
  counted_ptr& operator=(counted_ptr other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~counted_ptr() { drop(); }

  T* get() const noexcept { return object_; }
  T& operator*() const noexcept { return *object_; }
  T* operator->() const noexcept { return object_; }
  explicit operator bool() const noexcept { return object_ != nullptr; }
  void reset() noexcept { *this = nullptr; }
  /// The object, which stays counted as held by one more.
  T* release() noexcept { return std::exchange(object_, nullptr); }

  bool operator==(const counted_ptr&) const noexcept = default;
  bool operator==(std::nullptr_t) const noexcept { return object_ == nullptr; }

private:
  void add() const noexcept {
    if (object_ != nullptr) {
      object_->references.add();
    }
  }
  void drop() const noexcept {
    if (object_ != nullptr && object_->references.drop()) {
      delete object_; // NOLINT(cppcoreguidelines-owning-memory)
    }
  }

  T* object_ = nullptr;
};

/// A new object, as `std::make_shared` does it.
template <class T, class... Values>
counted_ptr<T> new_counted(Values&&... values) {
  return counted_ptr<T>{new T(std::forward<Values>(values)...)};
}

} // namespace xprober
