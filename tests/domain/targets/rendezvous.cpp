#define CAF_SUITE rendezvous

#include "xprober/domain/targets/rendezvous.hpp"

#include <algorithm>
#include <vector>

#include "xprober/domain/string_hash.hpp"

#include "caf/test/dsl.hpp"

namespace rendezvous_suite {

using namespace xprober;

namespace {

using strings = std::vector<std::string>;

constexpr std::size_t keys = 100'000;

std::uint64_t key(std::size_t i) { return hash_bytes("10.0.0." + std::to_string(i)); }

/// The owner's name of each key.
strings owners(const strings& names) {
  const rendezvous subject{names};
  strings all;
  for (std::size_t i = 0; i < keys; ++i) {
    all.push_back(names[subject.owner(key(i))]);
  }
  return all;
}

} // namespace

CAF_TEST(each owner has its share within a few percent) {
  for (const std::size_t count : {2U, 3U, 7U, 20U}) {
    strings names;
    for (std::size_t i = 0; i < count; ++i) {
      names.push_back("10.1.0." + std::to_string(i));
    }
    const auto all = owners(names);
    for (const auto& name : names) {
      const auto share = static_cast<double>(std::count(all.begin(), all.end(), name)) *
                         static_cast<double>(count) / keys;
      // Four standard deviations of a fair draw of 5,000 are 5.5 %.
      CAF_CHECK(share > 0.945 && share < 1.055);
    }
  }
}

CAF_TEST(an owner that leaves hands its keys to the others and no other key moves) {
  const auto before = owners({"a", "b", "c", "d"});
  const auto after = owners({"a", "b", "d"});
  std::size_t to_a = 0;
  std::size_t moved = 0;
  for (std::size_t i = 0; i < keys; ++i) {
    if (before[i] != "c") {
      CAF_REQUIRE_EQUAL(before[i], after[i]);
    } else {
      ++moved;
      to_a += after[i] == "a" ? 1 : 0;
    }
  }
  CAF_CHECK(moved > keys / 5);
  CAF_CHECK(to_a > moved / 4 && to_a < moved / 2);
  // One that comes is the same, backwards.
}

CAF_TEST(the order of the owners means nothing) {
  CAF_CHECK(owners({"a", "b", "c"}) == owners({"c", "a", "b"}));
}

CAF_TEST(a single owner has everything) {
  const rendezvous subject{{"a"}};
  CAF_CHECK_EQUAL(subject.owner(0), 0u);
  CAF_CHECK_EQUAL(subject.owner(key(1)), 0u);
  CAF_CHECK_EQUAL(subject.size(), 1u);
}

CAF_TEST(the owner is the same in every process) {
  // Other servers and later versions have to come to the same answer.
  const rendezvous subject{{"10.0.0.1", "10.0.0.2", "10.0.0.3"}};
  std::string owners;
  for (std::size_t i = 0; i < 16; ++i) {
    owners += std::to_string(subject.owner(key(i)));
  }
  CAF_CHECK_EQUAL(owners, "2100011210202201");
}

} // namespace rendezvous_suite
