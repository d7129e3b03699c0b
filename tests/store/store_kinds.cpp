#define CAF_SUITE store_kinds

#include "xprober/store/store_kinds.hpp"

#include <set>
#include <string>
#include <vector>

#include "support/toy_kinds.hpp"
#include "xprober/domain/kind_table.hpp"

#include "caf/test/unit_test.hpp"

namespace store_kinds_suite {

using namespace xprober;

namespace {

kind_ptr numbered_toy(std::size_t number) {
  auto kind = samples::toy();
  kind.name += std::to_string(number);
  return std::make_shared<const probe_kind>(kind);
}

} // namespace

CAF_TEST(built in kinds have their places as numbers whoever describes them) {
  store_kinds subject;
  CAF_CHECK_EQUAL(subject.size(), builtin_kinds().size());
  for (std::size_t i = 0; i < builtin_kinds().size(); ++i) {
    const auto& kind = builtin_kinds()[i];
    CAF_CHECK_EQUAL(subject.acquire(hold_kind(kind)), i);
    CAF_CHECK_EQUAL(subject.acquire(std::make_shared<const probe_kind>(kind)), i);
    CAF_CHECK(subject[static_cast<kind_number>(i)].kind.get() == &kind);
    subject.release(static_cast<kind_number>(i));
    subject.release(static_cast<kind_number>(i));
  }
  CAF_CHECK_EQUAL(subject.size(), builtin_kinds().size());
}

CAF_TEST(kinds with the same content are one and go with their last use) {
  store_kinds subject;
  const auto first = subject.acquire(hold_kind(samples::toy()));
  CAF_CHECK_EQUAL(subject.acquire(hold_kind(samples::toy())), first);
  auto changed = samples::toy();
  changed.columns[1].unit = "s";
  const auto second = subject.acquire(hold_kind(changed));
  CAF_CHECK(first != second);
  CAF_CHECK_EQUAL(subject.size(), builtin_kinds().size() + 2);
  subject.release(first);
  CAF_CHECK(*subject[first].kind == samples::toy());
  subject.release(first);
  CAF_CHECK_EQUAL(subject.size(), builtin_kinds().size() + 1);
  // Its number is free for another.
  CAF_CHECK_EQUAL(subject.acquire(hold_kind(samples::toy_mesh())), first);
}

CAF_TEST(kept columns have cells and those of times have means) {
  store_kinds subject;
  const auto& toy = subject[subject.acquire(hold_kind(samples::toy()))];
  CAF_CHECK((toy.columns == std::vector<std::uint8_t>{0, 1, 2, 3}));
  CAF_CHECK((toy.mean_cells == std::vector<std::uint8_t>{1, 2}));
  CAF_CHECK_EQUAL(toy.column(3).key, "level");
  CAF_CHECK(cell_of(samples::toy(), samples::toy_column::level) == 3u);
  CAF_CHECK(!cell_of(samples::toy(), samples::toy_column::noise));
  auto gaps = samples::toy();
  gaps.columns[1].kept = false;
  CAF_CHECK(cell_of(gaps, 2) == 1u);
}

CAF_TEST(there is an end to kinds and room again when some have gone) {
  store_kinds subject;
  std::vector<kind_number> numbers;
  for (std::size_t i = 0; subject.size() < store_kinds::most; ++i) {
    numbers.push_back(subject.acquire(numbered_toy(i)));
  }
  CAF_CHECK_EQUAL(std::set<kind_number>(numbers.begin(), numbers.end()).size(), numbers.size());
  CAF_CHECK_EQUAL(subject.acquire(hold_kind(samples::toy())), no_kind);
  CAF_CHECK_EQUAL(subject.acquire(numbered_toy(5)), numbers[5]); // one that is known
  CAF_CHECK_EQUAL(subject.acquire(hold_kind(kinds::icmp())), 0u);
  subject.release(numbers[3]);
  CAF_CHECK_EQUAL(subject.acquire(hold_kind(samples::toy())), numbers[3]);
}

} // namespace store_kinds_suite
