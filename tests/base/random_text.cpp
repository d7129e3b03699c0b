#define CAF_SUITE random_text

#include "xprober/base/random_text.hpp"

#include <algorithm>
#include <set>

#include "xprober/domain/ascii.hpp"

#include "caf/test/unit_test.hpp"

namespace random_text_suite {

using namespace xprober;

CAF_TEST(a secret can be written anywhere and is another each time) {
  std::set<std::string> all;
  for (int i = 0; i < 100; ++i) {
    const auto text = random_text();
    CAF_CHECK_EQUAL(text.size(), 43u);
    CAF_CHECK(std::ranges::all_of(text, [](char c) { return ascii::is_word_char(c) || c == '-'; }));
    CAF_CHECK(all.insert(text).second);
  }
  CAF_CHECK(random_bytes<16>() != random_bytes<16>());
}

} // namespace random_text_suite
