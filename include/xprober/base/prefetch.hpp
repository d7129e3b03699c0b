#pragma once

#include <cstddef>

namespace xprober {

/// What a processor fetches at once, in bytes; so on all that we build for.
inline constexpr std::size_t cache_line = 64;

/// Has the processor fetch `bytes` from `begin` on while others are worked on. Of a million targets
/// nothing is in its caches when their turn comes, and each piece waited for takes as long as some
/// hundred instructions. Nothing is read: the address may be any, also of what has gone. Of null
/// nothing is fetched.
inline void prefetch(const void* begin, std::size_t bytes) noexcept {
  if (begin == nullptr) {
    return;
  }
  const auto* at = static_cast<const char*>(begin);
  for (std::size_t done = 0; done < bytes; done += cache_line) {
    __builtin_prefetch(at + done);
  }
  __builtin_prefetch(at + bytes - 1); // where it begins within a line
}

/// The same of the one line in which `place` is, to write to it: from the processor of whoever
/// wrote to it before.
inline void prefetch_for_writing(const void* place) noexcept { __builtin_prefetch(place, 1); }

template <class T>
void prefetch(const T* object) noexcept {
  prefetch(object, sizeof(T));
}

} // namespace xprober
