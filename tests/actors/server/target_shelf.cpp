#define CAF_SUITE target_shelf

#include "xprober/actors/server/target_shelf.hpp"

#include <string>
#include <vector>

#include "caf/test/dsl.hpp"

namespace target_shelf_suite {

using namespace xprober;

using numbers = std::vector<std::uint32_t>;

CAF_TEST(targets are found by name while they have series) {
  target_shelf shelf;
  shelf.set(3, "10.0.0.1", {1, 2});
  shelf.set(5, "10.0.0.2", {1, 2});
  CAF_CHECK(!shelf.contains(3));
  shelf.add_series(3);
  shelf.add_series(3);
  shelf.add_series(5);
  CAF_CHECK(shelf.find("10.0.0.1") == numbers{3});
  CAF_CHECK(shelf.name(5) == "10.0.0.2");
  CAF_CHECK_EQUAL(shelf.of(5).type, 2);
  shelf.remove_series(3);
  CAF_CHECK(shelf.contains(3));
  shelf.remove_series(3);
  CAF_CHECK(!shelf.contains(3));
  CAF_CHECK(shelf.find("10.0.0.1").empty());
  CAF_CHECK(shelf.name(3).empty());
  CAF_CHECK(shelf.name(1000).empty());
}

CAF_TEST(a number can stand for another target later) {
  target_shelf shelf;
  shelf.set(0, "old", {});
  shelf.add_series(0);
  shelf.set(0, "new", {});
  shelf.add_series(0);
  CAF_CHECK(shelf.find("old").empty());
  CAF_CHECK(shelf.find("new") == numbers{0});
}

CAF_TEST(all targets of one name are found) {
  target_shelf shelf;
  for (std::uint32_t i = 0; i < 4; ++i) {
    shelf.set(i, i % 2 == 0 ? "even" : "odd", {});
    shelf.add_series(i);
  }
  CAF_CHECK(shelf.find("even") == (numbers{0, 2}));
}

CAF_TEST(addresses are told as they were written) {
  target_shelf shelf;
  const std::vector<std::string> names{
      "0.0.0.0", "255.255.255.255", "10.0.0.1",    "010.0.0.1",  "10.0.0.1.",
      "10.0.0",  "10.0.0.256",      "10.0.0.1:80", "10.0.0.1.1", "",
      "::1",     "1.2.3.4 ",        "192.168.0.7", "+1.2.3.4"};
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    shelf.set(i, names[i], {1, 2});
    shelf.add_series(i);
  }
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    CAF_CHECK(shelf.name(i) == names[i]);
    CAF_CHECK(shelf.find(names[i]) == numbers{i});
  }
  CAF_CHECK(shelf.remove_series(2));
  CAF_CHECK(!shelf.remove_series(2));
  CAF_CHECK(shelf.find("10.0.0.1").empty());
  CAF_CHECK(shelf.name(2).empty());
}

CAF_TEST(names outlive that others go) {
  target_shelf shelf;
  constexpr std::uint32_t many = 3000;
  for (std::uint32_t i = 0; i < many; ++i) {
    shelf.set(i, "target-" + std::to_string(i), {});
    shelf.add_series(i);
  }
  for (std::uint32_t i = 0; i < many; ++i) {
    if (i % 5 != 0) {
      shelf.remove_series(i);
    }
  }
  for (std::uint32_t i = 0; i < many; i += 5) {
    CAF_REQUIRE(shelf.name(i) == "target-" + std::to_string(i));
    CAF_REQUIRE(shelf.find("target-" + std::to_string(i)) == numbers{i});
  }
}

} // namespace target_shelf_suite
