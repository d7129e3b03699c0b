#define CAF_SUITE header_mender

#include "xprober/probes/http/header_mender.hpp"

#include <cstring>
#include <string>

#include "caf/test/unit_test.hpp"

namespace header_mender_suite {

using namespace xprober::http;

namespace {

void add(boost::beast::flat_buffer& buffer, std::string_view text) {
  std::memcpy(buffer.prepare(text.size()).data(), text.data(), text.size());
  buffer.commit(text.size());
}

/// What lies in the buffer after all of `text` came at once; empty where it is not ready.
std::string mended(std::string_view text, std::size_t most = 65536) {
  boost::beast::flat_buffer buffer{most};
  header_mender mender;
  add(buffer, text);
  return mender.ready(buffer, false) ? std::string{buffered(buffer)} : std::string{};
}

} // namespace

CAF_TEST(what the parser takes stays as it is) {
  for (const auto* text :
       {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody\nof\n"}) {
    CAF_CHECK_EQUAL(mended(text), text);
  }
}

CAF_TEST(line ends of the header and no others get their carriage return) {
  CAF_CHECK_EQUAL(mended("HTTP/1.1 200 OK\nA: b\r\nC: d\n\nbody\nof\n"),
                  "HTTP/1.1 200 OK\r\nA: b\r\nC: d\r\n\r\nbody\nof\n");
}

CAF_TEST(a status without a reason gets its blank) {
  CAF_CHECK_EQUAL(mended("HTTP/1.1 204\r\nA: b\r\n\r\n"), "HTTP/1.1 204 \r\nA: b\r\n\r\n");
  CAF_CHECK_EQUAL(mended("HTTP/1.1 204\nA: b\n\n"), "HTTP/1.1 204 \r\nA: b\r\n\r\n");
  CAF_CHECK_EQUAL(mended("HTTP/1.1 2045\r\n\r\n"), "HTTP/1.1 2045\r\n\r\n");
}

CAF_TEST(a line is waited for and a whole header where it is to be mended) {
  CAF_CHECK_EQUAL(mended("HTTP/1.1 200 O"), "");
  CAF_CHECK_EQUAL(mended("HTTP/1.1 200 OK\r\nA: b"), "HTTP/1.1 200 OK\r\nA: b");
  CAF_CHECK_EQUAL(mended("HTTP/1.1 200 OK\nA: b\r\n"), "");
}

CAF_TEST(it comes byte by byte and is taken in parts) {
  const std::string text = "HTTP/1.1 200 OK\r\nA: b\nC: d\n\n";
  boost::beast::flat_buffer buffer{65536};
  header_mender mender;
  std::string taken;
  for (const char c : text) {
    add(buffer, {&c, 1});
    if (mender.ready(buffer, !taken.empty())) {
      // As a parser takes whole lines.
      const auto lines = buffered(buffer).rfind('\n') + 1;
      taken += buffered(buffer).substr(0, lines);
      buffer.consume(lines);
      mender.consumed(lines);
    }
  }
  CAF_CHECK_EQUAL(taken, "HTTP/1.1 200 OK\r\nA: b\r\nC: d\r\n\r\n");
  CAF_CHECK_EQUAL(buffer.size(), 0U);
}

CAF_TEST(what would not fit when mended goes as it is) {
  const std::string text = "HTTP/1.1 200 OK\nA: b\n\n";
  CAF_CHECK_EQUAL(mended(text, text.size()), text);
}

} // namespace header_mender_suite
