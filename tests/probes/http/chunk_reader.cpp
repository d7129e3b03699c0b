#define CAF_SUITE chunk_reader

#include "xprober/probes/http/chunk_reader.hpp"

#include <string>

#include "caf/test/unit_test.hpp"

namespace chunk_reader_suite {

using namespace xprober::http;
using state = chunk_reader::state;

namespace {

struct result {
  state now = state::need_more;
  std::string data;
  std::size_t used = 0;
};

result read(std::string_view text, std::size_t piece = 1'000'000, std::size_t limit = 1000) {
  chunk_reader reader{limit};
  result out;
  while (out.used < text.size() && out.now == state::need_more) {
    const auto step = reader.take(text.substr(out.used, piece));
    out.now = step.now;
    out.data += step.data;
    out.used += step.used;
  }
  return out;
}

std::string data_of(std::string_view text) {
  const auto out = read(text);
  return out.now == state::done ? out.data : "(not read)";
}

} // namespace

CAF_TEST(a body in pieces of every size) {
  const std::string text = "5;x=y\r\nhello\r\n1 \r\n!\r\n0\r\nTrailer: t\r\n\r\n";
  for (std::size_t piece = 1; piece <= text.size() + 4; ++piece) {
    const auto out = read(text + "more", piece);
    CAF_REQUIRE(out.now == state::done);
    CAF_REQUIRE_EQUAL(out.data, "hello!");
    CAF_REQUIRE_EQUAL(out.used, text.size());
  }
}

CAF_TEST(what servers write around the size) {
  for (const auto* size : {"5", "5   ", "5\t", "05", "000000000005", "5;a=b", "5 ; a = \"b;c\" "}) {
    for (const auto* end : {"\r\n", "\n"}) {
      CAF_CHECK_EQUAL(data_of(std::string{size} + end + "hello\r\n0" + end + end), "hello");
    }
  }
  CAF_CHECK_EQUAL(data_of("A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n").size(), 20u);
  CAF_CHECK_EQUAL(data_of("5\nhello\n0\n\n"), "hello");
}

CAF_TEST(trailers are passed over) {
  CAF_CHECK_EQUAL(data_of("1\r\nx\r\n0\r\nContent-Length: 99\r\nA:\r\n\ta\r\n\r\n"), "x");
  CAF_CHECK(read("0\r\nno colon\r\n\r\n").now == state::malformed);
  CAF_CHECK(read("0\r\n").now == state::need_more);
  CAF_CHECK(read("0\r\n\r").now == state::need_more);
  CAF_CHECK(read("0\r\nA: b\r\n").now == state::need_more);
}

CAF_TEST(what is no chunk) {
  for (const auto* bad : {"\r\n", " 5\r\n", "xyz\r\n", "-5\r\n", "0x5\r\n", "5 5\r\n", "5x\r\n",
                          "fffffffffffffffff\r\n", "00000000000000005\r\n", "3\r\nhello\r\n",
                          "5\r\nhello\r0", "5\r\nhello\r\r\n"}) {
    CAF_MESSAGE(bad);
    CAF_CHECK(read(bad).now == state::malformed);
    CAF_CHECK(read(bad, 1).now == state::malformed);
  }
}

CAF_TEST(what is wrong is told) {
  const auto told = [](std::string_view bytes) {
    chunk_reader reader{1000};
    for (;;) {
      const auto step = reader.take(bytes);
      bytes.remove_prefix(step.used);
      if (step.now != state::need_more || bytes.empty()) {
        return std::string{reader.problem()};
      }
    }
  };
  CAF_CHECK_EQUAL(told("x"),
                  "the size of a chunk is not a hexadecimal number of at most 16 digits");
  CAF_CHECK_EQUAL(told("1\r\nxy"), "no end of line behind the data of a chunk");
  CAF_CHECK_EQUAL(told("0\r\nno colon\r\n"), "a trailer without a colon");
  CAF_CHECK_EQUAL(told("5;" + std::string(2000, 'x')), "the line of a chunk");
  CAF_CHECK_EQUAL(told("0\r\nA: " + std::string(2000, 'x')), "the trailers behind the body");
  CAF_CHECK_EQUAL(told("1\r\nx\r\n0\r\n\r\n"), "");
}

CAF_TEST(lines and trailers are bounded) {
  const std::string many(2000, 'x');
  CAF_CHECK(read("5;" + many).now == state::too_large);
  CAF_CHECK(read("5" + std::string(2000, ' ')).now == state::too_large);
  CAF_CHECK(read("0\r\nA: " + many).now == state::too_large);
  std::string small;
  for (int i = 0; i < 300; ++i) {
    small += "1\r\nx\r\n";
  }
  CAF_CHECK(read(small + "0\r\n\r\n").now == state::done);
}

} // namespace chunk_reader_suite
