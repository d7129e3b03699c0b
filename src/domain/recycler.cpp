#include "xprober/domain/recycler.hpp"

#include <array>
#include <new>

namespace xprober {

namespace {

constexpr std::size_t block_step = 16;
constexpr std::size_t block_rest = 8; ///< malloc keeps as much before each block
constexpr std::size_t block_sizes = 256;
constexpr std::size_t max_kept_of_a_size = 256UL * 1024; ///< bytes
/// Freed blocks of one size, the last one first; each holds where the next one is.
struct block_stack {
  void** top = nullptr;
  std::size_t count = 0;

  void push(void* block) noexcept {
    auto** const freed = static_cast<void**>(block);
    *freed = static_cast<void*>(top);
    top = freed;
    ++count;
  }
  void* pop() noexcept {
    void** const taken = top;
    top = static_cast<void**>(*taken);
    --count;
    return static_cast<void*>(taken);
  }
};

struct kept_blocks {
  std::array<block_stack, block_sizes> of_size;

  ~kept_blocks() {
    for (auto& stack : of_size) {
      while (stack.count > 0) {
        ::operator delete(stack.pop());
      }
    }
  }
};

thread_local kept_blocks blocks_of_thread;

/// In steps beyond the rest, rounded up; 0 for what is small.
std::size_t steps_of(std::size_t bytes) noexcept {
  return (bytes + block_step - 1 - block_rest) / block_step;
}

std::size_t bytes_of(std::size_t steps) noexcept { return steps * block_step + block_rest; }

bool is_kept(std::size_t steps) noexcept {
  return recycler_keeps_blocks && steps > 0 && steps <= block_sizes;
}

} // namespace

void* take_block(std::size_t bytes) {
  const auto steps = steps_of(bytes);
  if (!is_kept(steps)) {
    return ::operator new(bytes);
  }
  auto& stack = blocks_of_thread.of_size[steps - 1];
  return stack.count > 0 ? stack.pop() : ::operator new(bytes_of(steps));
}

void give_block(void* block, std::size_t bytes) noexcept {
  if (const auto steps = steps_of(bytes); is_kept(steps)) {
    const auto most = max_kept_of_a_size / bytes_of(steps);
    if (auto& stack = blocks_of_thread.of_size[steps - 1]; stack.count < most) {
      stack.push(block);
      return;
    }
  }
  ::operator delete(block);
}

std::size_t blocks_kept() noexcept {
  std::size_t all = 0;
  for (const auto& stack : blocks_of_thread.of_size) {
    all += stack.count;
  }
  return all;
}

} // namespace xprober
