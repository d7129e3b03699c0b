#define CAF_SUITE bytes

#include "xprober/domain/wire/bytes.hpp"

#include <cmath>
#include <limits>

#include "caf/test/dsl.hpp"

namespace bytes_suite {

using namespace xprober;

CAF_TEST(numbers come back) {
  std::string bytes;
  byte_writer out{bytes};
  const std::uint64_t numbers[] = {0, 1, 127, 128, 300, 1U << 31U, ~std::uint64_t{0}};
  const std::int64_t signed_numbers[] = {0,
                                         -1,
                                         1,
                                         -64,
                                         64,
                                         std::numeric_limits<std::int64_t>::min(),
                                         std::numeric_limits<std::int64_t>::max()};
  for (const auto n : numbers) {
    out.varint(n);
  }
  for (const auto n : signed_numbers) {
    out.signed_varint(n);
  }
  out.fixed(0x0102030405060708, 8);
  out.float32(1.1F);
  out.text("text");
  byte_reader in{bytes};
  for (const auto n : numbers) {
    std::uint64_t got = 7;
    CAF_CHECK(in.varint(got));
    CAF_CHECK_EQUAL(got, n);
  }
  for (const auto n : signed_numbers) {
    std::int64_t got = 7;
    CAF_CHECK(in.signed_varint(got));
    CAF_CHECK_EQUAL(got, n);
  }
  std::uint64_t fixed = 0;
  float real = 0;
  std::string_view text;
  CAF_CHECK(in.fixed(fixed, 8) && in.float32(real) && in.text(text, 4));
  CAF_CHECK_EQUAL(fixed, 0x0102030405060708U);
  CAF_CHECK_EQUAL(real, 1.1F);
  CAF_CHECK_EQUAL(text, "text");
  CAF_CHECK_EQUAL(in.left(), 0U);
}

CAF_TEST(what is cut short or too long is refused) {
  std::uint64_t number = 0;
  std::string_view text;
  float real = 0;
  CAF_CHECK(!byte_reader{""}.varint(number));
  CAF_CHECK(!byte_reader{"\x80"}.varint(number));
  CAF_CHECK(!byte_reader{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"}.varint(number));
  CAF_CHECK(byte_reader{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"}.varint(number));
  CAF_CHECK(!byte_reader{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"}.varint(number));
  CAF_CHECK(!byte_reader{"abc"}.float32(real));
  CAF_CHECK(!byte_reader{"a"}.half(real));
  CAF_CHECK(!byte_reader{"\x05"
                         "abcd"}
                 .text(text, 100));
  CAF_CHECK(!byte_reader{"\x04"
                         "abcd"}
                 .text(text, 3));
}

CAF_TEST(a half has eleven bits of precision) {
  for (float value = 6.2e-5F; value < 65504.0F; value *= 1.0137F) {
    const float back = from_half(to_half(value));
    CAF_CHECK(std::fabs(back - value) <= value / 2048);
    CAF_CHECK_EQUAL(to_half(back), to_half(value));
  }
  CAF_CHECK_EQUAL(to_half(1.0F), 0x3C00);
  CAF_CHECK_EQUAL(to_half(-2.0F), 0xC000);
  CAF_CHECK_EQUAL(from_half(0x3555), 0.333251953125F);
}

CAF_TEST(the ends of a half) {
  CAF_CHECK_EQUAL(from_half(to_half(0)), 0.0F);
  CAF_CHECK_EQUAL(from_half(to_half(65504.0F)), 65504.0F);
  CAF_CHECK_EQUAL(from_half(to_half(600'000.0F)), 65504.0F);
  CAF_CHECK_EQUAL(from_half(to_half(65'503.0F)), 65504.0F);
  CAF_CHECK_EQUAL(from_half(to_half(6e-8F)), 5.9604644775390625e-08F);
  CAF_CHECK_EQUAL(from_half(to_half(1e-9F)), 0.0F);
  CAF_CHECK(std::isnan(from_half(to_half(std::numeric_limits<float>::quiet_NaN()))));
  CAF_CHECK_EQUAL(from_half(to_half(std::numeric_limits<float>::infinity())), 65504.0F);
}

} // namespace bytes_suite
