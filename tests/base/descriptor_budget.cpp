#define CAF_SUITE descriptor_budget

#include "xprober/base/descriptor_budget.hpp"

#include <array>
#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "caf/test/unit_test.hpp"

namespace descriptor_budget_suite {

using namespace xprober;

namespace {

std::atomic<std::uint64_t> limit{1024};

struct fixture {
  fixture() { limit = 1024; }

  descriptor_budget budget{[]() noexcept { return limit.load(); }};

  static std::uint64_t take_all(descriptor_budget::share& by) {
    std::uint64_t taken = 0;
    while (by.take()) {
      ++taken;
    }
    return taken;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(descriptor_budget_tests, fixture)

CAF_TEST(one sharer has all that files leave) {
  descriptor_budget::share one{budget};
  CAF_CHECK_EQUAL(one.room(), 896u);
  CAF_CHECK_EQUAL(one.most(), 896u);
  CAF_CHECK_EQUAL(take_all(one), 896u);
  CAF_CHECK_EQUAL(one.room(), 0u);
  one.give_back();
  CAF_CHECK_EQUAL(one.held(), 895u);
  CAF_CHECK(one.take());
}

CAF_TEST(four sharers have no more than one and each is sure of a part) {
  std::array<std::optional<descriptor_budget::share>, 4> all;
  for (auto& one : all) {
    one.emplace(budget);
  }
  std::uint64_t taken = 0;
  for (auto& one : all) {
    one->look();
    taken += take_all(*one);
  }
  CAF_CHECK_EQUAL(taken, 896u);
  CAF_CHECK_EQUAL(all[0]->held(), 728u);
  CAF_CHECK_EQUAL(all[3]->held(), 56u);
  CAF_MESSAGE("what one gives back another may take");
  all[0]->give_back();
  CAF_CHECK_EQUAL(all[3]->room(), 1u);
  CAF_CHECK(all[3]->take());
  CAF_CHECK(!all[3]->take());
  CAF_MESSAGE("and so it is with what one had when it ended");
  all[0].reset();
  all[3]->look();
  CAF_CHECK_EQUAL(take_all(*all[3]), 727u);
}

CAF_TEST(ports keep theirs while they are open) {
  descriptor_budget::share one{budget};
  {
    const descriptor_budget::reservation page{budget, 64};
    const descriptor_budget::reservation rpc{budget, 100};
    one.look();
    CAF_CHECK_EQUAL(one.most(), 732u);
    const descriptor_budget::reservation too_many{budget, 100'000};
    one.look();
    CAF_CHECK_EQUAL(one.most(), 224u);
  }
  one.look();
  CAF_CHECK_EQUAL(one.most(), 896u);
}

CAF_TEST(another limit holds from the next look) {
  descriptor_budget::share one{budget};
  CAF_CHECK_EQUAL(take_all(one), 896u);
  limit = 200;
  one.look();
  CAF_CHECK_EQUAL(one.most(), 100u);
  CAF_CHECK_EQUAL(one.room(), 0u);
  for (int i = 0; i < 800; ++i) {
    one.give_back();
  }
  CAF_CHECK_EQUAL(one.held(), 96u);
  CAF_CHECK_EQUAL(take_all(one), 4u);
  limit = 0;
  one.look();
  CAF_CHECK_EQUAL(one.most(), 1u);
}

CAF_TEST(threads together take no more than there are) {
  constexpr std::size_t engines = 4;
  std::array<std::optional<descriptor_budget::share>, engines> all;
  for (auto& one : all) {
    one.emplace(budget);
  }
  for (auto& one : all) {
    one->look();
  }
  std::vector<std::thread> threads;
  std::atomic<std::uint64_t> taken{0};
  for (auto& one : all) {
    threads.emplace_back([&one, &taken] {
      for (int i = 0; i < 10'000; ++i) {
        if (one->take() && i % 2 == 0) {
          one->give_back();
        }
      }
      taken += one->held();
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  CAF_CHECK_LESS_OR_EQUAL(taken.load(), 896u);
  for (auto& one : all) {
    take_all(*one);
  }
  std::uint64_t held = 0;
  for (auto& one : all) {
    held += one->held();
  }
  CAF_CHECK_EQUAL(held, 896u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace descriptor_budget_suite
