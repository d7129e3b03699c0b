#define CAF_SUITE hex
#include "xprober/domain/hex.hpp"

#include <array>

#include "caf/test/unit_test.hpp"

namespace hex_suite {

using namespace xprober;

CAF_TEST(a byte is two digits) {
  CAF_CHECK_EQUAL(hex_text(std::string_view{}), "");
  CAF_CHECK_EQUAL(hex_text(std::string_view{"\x00\x7F\x80\xFF", 4}), "007f80ff");
  CAF_CHECK_EQUAL(hex_text(std::array<std::uint8_t, 3>{0x0A, 0xB0, 0xCD}), "0ab0cd");
}

CAF_TEST(a number has its lowest digits) {
  CAF_CHECK_EQUAL(hex_number(0), "0000000000000000");
  CAF_CHECK_EQUAL(hex_number(0x0123456789ABCDEF), "0123456789abcdef");
  CAF_CHECK_EQUAL(hex_number(0x0123456789ABCDEF, 8), "89abcdef");
}

} // namespace hex_suite
