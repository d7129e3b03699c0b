#define CAF_SUITE comma_list
#include "xprober/domain/comma_list.hpp"

#include <utility>
#include <vector>

#include "caf/test/unit_test.hpp"

namespace comma_list_suite {

using namespace xprober;

CAF_TEST(items stand apart) {
  CAF_CHECK_EQUAL(comma_list(std::vector<std::string>{}), "");
  CAF_CHECK_EQUAL(comma_list(std::vector<std::string_view>{"a"}), "a");
  CAF_CHECK_EQUAL(comma_list(std::vector<std::string>{"a", "b", "c"}), "a, b, c");
}

CAF_TEST(an item is shown as is asked for) {
  const std::vector<std::pair<std::string, int>> items{{"a", 1}, {"b", 2}};
  CAF_CHECK_EQUAL(comma_list(items, &std::pair<std::string, int>::first), "a, b");
  CAF_CHECK_EQUAL(comma_list(items, [](const auto& item) { return std::to_string(item.second); }),
                  "1, 2");
}

CAF_TEST(a list grows) {
  std::string list;
  append_listed(list, "a");
  append_listed(list, "b");
  CAF_CHECK_EQUAL(list, "a, b");
}

} // namespace comma_list_suite
