#define CAF_SUITE store_slots

#include "xprober/store/store_slots.hpp"

#include <map>
#include <random>
#include <string>
#include <string_view>

#include "caf/test/unit_test.hpp"

namespace store_slots_suite {

using namespace xprober;

namespace {

struct item {
  std::string name;
  int number = 0;
};

/// Few different hashes, so that most items stand away from their homes.
struct crowded_traits {
  using key = std::string_view;
  static key key_of(const item& i) { return i.name; }
  static std::uint64_t hash(const key& k) { return k.empty() ? 0 : k.size() + k.back() % 4U; }
};

using table = slot_table<item, crowded_traits>;

} // namespace

CAF_TEST(an empty table finds nothing) {
  table t;
  CAF_CHECK_EQUAL(t.find("a"), no_slot);
  CAF_CHECK_EQUAL(t.size(), 0u);
}

CAF_TEST(a value keeps its number and gives it back) {
  table t;
  const auto a = t.insert({"a", 1});
  const auto b = t.insert({"b", 2});
  CAF_CHECK(a != b);
  CAF_CHECK_EQUAL(t.find("a"), a);
  CAF_CHECK_EQUAL(t[b].number, 2);
  t.erase(a);
  CAF_CHECK_EQUAL(t.find("a"), no_slot);
  CAF_CHECK_EQUAL(t.find("b"), b);
  CAF_CHECK_EQUAL(t.insert({"c", 3}), a);
  CAF_CHECK_EQUAL(t.find("b"), b);
}

CAF_TEST(it agrees with a map whatever is added and erased) {
  table t;
  std::map<std::string, slot> expected;
  std::mt19937 random{42};
  for (int step = 0; step < 20'000; ++step) {
    const auto name = std::to_string(random() % 300);
    const auto known = expected.find(name);
    // Grows at first, shrinks later.
    if (known == expected.end() && (step < 10'000 || random() % 3 == 0)) {
      expected[name] = t.insert({name, step});
    } else if (known != expected.end() && random() % 2 == 0) {
      t.erase(known->second);
      expected.erase(known);
    }
    if (t.size() != expected.size() || (step % 500 == 0)) {
      CAF_REQUIRE_EQUAL(t.size(), expected.size());
      for (int i = 0; i < 300; ++i) {
        const auto text = std::to_string(i);
        const auto there = expected.find(text);
        CAF_REQUIRE_EQUAL(t.find(text), there == expected.end() ? no_slot : there->second);
      }
    }
  }
}

} // namespace store_slots_suite
