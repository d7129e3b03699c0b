#define CAF_SUITE size_text
#include "xprober/domain/size_text.hpp"

#include "caf/test/unit_test.hpp"

namespace size_text_suite {

using namespace xprober;

CAF_TEST(sizes have the largest unit that leaves no rest) {
  CAF_CHECK_EQUAL(size_text(10485760), "10MiB");
  CAF_CHECK_EQUAL(size_text(1536), "1536");
  CAF_CHECK_EQUAL(size_text(2048), "2KiB");
  CAF_CHECK_EQUAL(size_text(std::uint64_t{5} << 40U), "5120GiB");
  CAF_CHECK_EQUAL(size_text(0), "0");
  CAF_CHECK_EQUAL(size_in_words(10485760), "10 MiB");
  CAF_CHECK_EQUAL(size_in_words(1536), "1536 bytes");
  CAF_CHECK_EQUAL(size_in_words(0), "0 bytes");
}

} // namespace size_text_suite
