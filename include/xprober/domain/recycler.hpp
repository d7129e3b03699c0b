#pragma once

#include <cstddef>
#include <memory>
#include <utility>

namespace xprober {

/// Memory that every probe needs for a moment, or for which it frees as much: the last freed blocks
/// of 9 bytes to 4 KiB, sizes rounded up to what malloc would give (8 bytes more than a multiple of
/// 16), at most 256 KiB of a size, are kept by the thread that freed them: as many as the 256
/// sockets that are told in a row need. The next probe so gets what is still in the processor's
/// cache. malloc joins what it does not keep with its neighbours, which may be in none, and cuts
/// them anew, which takes the longer the more probes are in flight.
void* take_block(std::size_t bytes);
void give_block(void* block, std::size_t bytes) noexcept;

/// False under a sanitizer, which is to find who uses a freed block: g++ and Clang say so in ways
/// of their own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool recycler_keeps_blocks = false;
#elif !defined(__has_feature)
inline constexpr bool recycler_keeps_blocks = true;
#elif __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                       \
    __has_feature(memory_sanitizer)
inline constexpr bool recycler_keeps_blocks = false;
#else
inline constexpr bool recycler_keeps_blocks = true;
#endif

/// How many blocks this thread keeps.
std::size_t blocks_kept() noexcept;

/// The same as an allocator.
template <class T>
struct recycler {
  using value_type = T;

  recycler() noexcept = default;
  template <class U>
  recycler(const recycler<U>&) noexcept {}

  T* allocate(std::size_t n) {
    static_assert(alignof(T) <= alignof(std::max_align_t));
    return static_cast<T*>(take_block(n * sizeof(T)));
  }
  void deallocate(T* block, std::size_t n) noexcept { give_block(block, n * sizeof(T)); }

  friend bool operator==(const recycler&, const recycler&) noexcept { return true; }
};

/// What std::make_shared does, for what lives as long as a probe.
template <class Session, class... Arguments>
std::shared_ptr<Session> make_recycled(Arguments&&... arguments) {
  return std::allocate_shared<Session>(recycler<Session>{}, std::forward<Arguments>(arguments)...);
}

} // namespace xprober
