#define CAF_SUITE probe_completion

#include "xprober/probes/probe_completion.hpp"

#include <array>
#include <memory>
#include <stdexcept>
#include <utility>

#include "caf/test/unit_test.hpp"

namespace probe_completion_suite {

using namespace xprober;

namespace {

/// Counts how many of it there are and when it is called.
class witness {
public:
  struct counts {
    int living = 0;
    int called = 0;
  };

  explicit witness(counts& all) noexcept : all_(&all) { ++all_->living; }
  witness(witness&& other) noexcept : all_(other.all_) { ++all_->living; }
  witness(const witness&) = delete;
  witness& operator=(const witness&) = delete;
  witness& operator=(witness&&) = delete;
  ~witness() { --all_->living; }

  void operator()(probe_outcome&& outcome) {
    const auto taken = std::move(outcome);
    all_->called += taken.success ? 1 : 0;
  }

private:
  counts* all_;
};

/// More than has room.
struct large_witness {
  witness inner;
  std::array<char, 100> filler{};
  void operator()(probe_outcome&& outcome) { inner(std::move(outcome)); }
};

probe_outcome good() {
  probe_outcome outcome;
  outcome.success = true;
  return outcome;
}

template <class Call>
void check_life(Call call, witness::counts& all) {
  {
    probe_completion first{std::move(call)};
    CAF_CHECK(static_cast<bool>(first));
    auto second = std::move(first);
    CAF_CHECK(!first); // NOLINT(bugprone-use-after-move): it holds nothing then
    second(good());
    CAF_CHECK_EQUAL(all.called, 1);
    probe_completion third;
    third = std::move(second);
    third(good());
    CAF_CHECK_EQUAL(all.called, 2);
    CAF_CHECK_EQUAL(all.living, 2); // the given one, and what is held
    third = nullptr;
    CAF_CHECK(!third);
    CAF_CHECK_EQUAL(all.living, 1);
  }
  CAF_CHECK_EQUAL(all.living, 1);
}

} // namespace

CAF_TEST(what is small lies in it) {
  witness::counts all;
  check_life(witness{all}, all);
}

CAF_TEST(what is large is held as well) {
  witness::counts all;
  check_life(large_witness{witness{all}}, all);
}

CAF_TEST(what is held ends with it uncalled) {
  witness::counts all;
  {
    const probe_completion one{witness{all}};
    CAF_CHECK_EQUAL(all.living, 1);
  }
  CAF_CHECK_EQUAL(all.living, 0);
  CAF_CHECK_EQUAL(all.called, 0);
}

CAF_TEST(none is false and what is taken in its place ends the one before) {
  CAF_CHECK(!probe_completion{});
  CAF_CHECK(!probe_completion{nullptr});
  witness::counts before;
  witness::counts after;
  probe_completion one{witness{before}};
  one = probe_completion{witness{after}};
  CAF_CHECK_EQUAL(before.living, 0);
  one(good());
  CAF_CHECK_EQUAL(after.called, 1);
}

CAF_TEST(what it throws comes to who calls) {
  const probe_completion one{[](probe_outcome&&) { throw std::runtime_error("no"); }};
  bool thrown = false;
  try {
    one(good());
  } catch (const std::runtime_error&) {
    thrown = true;
  }
  CAF_CHECK(thrown);
}

} // namespace probe_completion_suite
