#define CAF_SUITE counted_names

#include "xprober/verdict/counted_names.hpp"

#include <cstdint>
#include <string>

#include "caf/test/unit_test.hpp"

namespace counted_names_suite {

using namespace xprober;

CAF_TEST(a name has one number as long as it is used) {
  counted_names names;
  const auto eu = names.acquire("eu");
  const auto us = names.acquire("us");
  CAF_CHECK(eu != us);
  CAF_CHECK_EQUAL(names.acquire("eu"), eu);
  CAF_CHECK_EQUAL(names.size(), 2u);
  CAF_CHECK(!names.release(eu));
  CAF_CHECK(names.find("eu") == eu);
  CAF_CHECK(names.release(eu));
  CAF_CHECK(!names.find("eu"));
  CAF_CHECK(names[eu].empty());
  CAF_CHECK_EQUAL(names[us], "us");
}

CAF_TEST(numbers are used again) {
  counted_names names;
  for (int i = 0; i < 1000; ++i) {
    names.release(names.acquire("region-" + std::to_string(i)));
  }
  CAF_CHECK_EQUAL(names.size(), 0u);
  CAF_CHECK_EQUAL(names.bound(), 1u);
}

} // namespace counted_names_suite
