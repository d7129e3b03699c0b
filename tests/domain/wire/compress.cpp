#define CAF_SUITE compress

#include "xprober/domain/wire/compress.hpp"

#include <zstd.h>

#include "caf/test/dsl.hpp"

namespace compress_suite {

using namespace xprober;

namespace {

std::string framed(std::string_view bytes) {
  std::string out;
  compress(bytes, out);
  return out;
}

} // namespace

CAF_TEST(bytes come back) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{100'000}}) {
    std::string bytes(size, 'x');
    for (std::size_t i = 0; i < size; i += 7) {
      bytes[i] = static_cast<char>(i * 31);
    }
    std::string back;
    CAF_CHECK_EQUAL(decompress(framed(bytes), size, back), "");
    CAF_CHECK(back == bytes);
  }
}

CAF_TEST(the size and the beginning are known before all of it is unpacked) {
  std::string bytes(1'000'000, 'x');
  bytes.replace(0, 5, "hello");
  const auto frame = framed(bytes);
  CAF_CHECK(stated_size(frame) == bytes.size());
  CAF_CHECK_EQUAL(decompress_front(frame, 5), "hello");
  CAF_CHECK(decompress_front(frame, bytes.size() + 10) == bytes);
  CAF_CHECK_EQUAL(decompress_front(framed(""), 5), "");
  for (const auto& none : {std::string{}, std::string{"no frame at all"}}) {
    CAF_CHECK(!stated_size(none));
    CAF_CHECK_EQUAL(decompress_front(none, 5), "");
  }
  // What is missing behind the first block does not matter to it.
  CAF_CHECK(decompress_front(std::string_view{frame}.substr(0, frame.size() / 2), 5).size() <= 5);
}

CAF_TEST(a frame is appended) {
  std::string out = "head";
  compress("abc", out);
  std::string back;
  CAF_CHECK_EQUAL(decompress(std::string_view{out}.substr(4), 3, back), "");
  CAF_CHECK_EQUAL(back, "abc");
}

CAF_TEST(what states too much is refused before memory is spent) {
  std::string back;
  CAF_CHECK(!decompress(framed(std::string(1001, 'a')), 1000, back).empty());
  CAF_CHECK_EQUAL(back.capacity(), std::string{}.capacity());
  CAF_MESSAGE("a frame of a few bytes that stands for 100 MiB of zeros");
  const auto bomb = framed(std::string(std::size_t{100} << 20U, '\0'));
  CAF_CHECK(bomb.size() < 100'000);
  CAF_CHECK(!decompress(bomb, (std::size_t{100} << 20U) - 1, back).empty());
  CAF_CHECK_EQUAL(back.capacity(), std::string{}.capacity());
}

CAF_TEST(damage is noticed) {
  std::string bytes;
  for (int i = 0; i < 10'000; ++i) {
    bytes += std::to_string(i * 7919);
  }
  const auto good = framed(bytes);
  std::string back;
  for (std::size_t at = 0; at < good.size(); at += 97) {
    auto damaged = good;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
    CAF_CHECK(!decompress(damaged, 1U << 20U, back).empty() || back == bytes);
    CAF_CHECK(!decompress(good.substr(0, at), 1U << 20U, back).empty());
  }
  CAF_CHECK(!decompress(good + good, 1U << 20U, back).empty());
  CAF_CHECK(!decompress("no frame at all", 1U << 20U, back).empty());
}

CAF_TEST(nothing follows the frame) {
  const auto good = framed("abc");
  std::string back;
  CAF_CHECK_EQUAL(decompress(good, 10, back), "");
  CAF_CHECK_EQUAL(decompress(good + "x", 10, back), "1 bytes follow the frame");
  CAF_MESSAGE("not even what a decompressor passes over");
  CAF_CHECK(!decompress(good + framed(""), 10, back).empty());
  const std::string skippable{"\x50\x2A\x4D\x18\x02\x00\x00\x00hi", 10};
  CAF_CHECK(!decompress(good + skippable, 10, back).empty());
}

} // namespace compress_suite
