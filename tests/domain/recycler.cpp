#define CAF_SUITE recycler

#include "xprober/domain/recycler.hpp"

#include <array>
#include <memory>
#include <thread>
#include <vector>

#include "caf/test/unit_test.hpp"

namespace recycler_suite {

using namespace xprober;

namespace {

constexpr bool keeps = recycler_keeps_blocks;

/// As a thread that keeps nothing yet does it.
template <class Work>
void on_new_thread(Work work) {
  std::thread{work}.join();
}

struct large {
  std::array<char, 2000> bytes{};
};

} // namespace

CAF_TEST(the last freed block of a size is the next one) {
  on_new_thread([] {
    auto* const first = take_block(2000);
    auto* const second = take_block(2000);
    give_block(first, 2000);
    give_block(second, 2000);
    CAF_CHECK_EQUAL(blocks_kept(), keeps ? 2u : 0u);
    auto* const other = take_block(4096); // of another size
    auto* const again = take_block(1999); // of the same step
    CAF_CHECK(!keeps || again == second);
    CAF_CHECK_EQUAL(blocks_kept(), keeps ? 1u : 0u);
    give_block(other, 4096);
    give_block(again, 1999);
  });
}

CAF_TEST(a thread keeps only some blocks and none that is large) {
  on_new_thread([] {
    std::vector<void*> all;
    for (int i = 0; i < 1000; ++i) {
      all.push_back(take_block(700));
    }
    for (auto* block : all) {
      give_block(block, 700);
    }
    const auto kept = blocks_kept();
    CAF_CHECK_EQUAL(kept, keeps ? 256u * 1024u / 712u : 0u);
    for (const std::size_t size : {std::size_t{0}, std::size_t{5000}}) {
      give_block(take_block(size), size);
    }
    CAF_CHECK_EQUAL(blocks_kept(), kept);
  });
}

CAF_TEST(a session made with it can outlive its thread) {
  std::shared_ptr<large> made;
  on_new_thread([&] { made = make_recycled<large>(); });
  const auto before = blocks_kept();
  made.reset();
  CAF_CHECK_EQUAL(blocks_kept(), before + (keeps ? 1 : 0));
}

} // namespace recycler_suite
