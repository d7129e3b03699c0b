#define CAF_SUITE http_request_reader

#include "xprober/net/http_request_reader.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "caf/test/unit_test.hpp"

namespace http_request_reader_suite {

using namespace xprober::net;

namespace {

constexpr request_limits narrow{.max_header = 2000, .max_body = 1000, .max_fields = 20};

void feed(http_request_reader& reader, std::string_view bytes) {
  const auto room = reader.prepare(bytes.size());
  std::ranges::copy(bytes, room.begin());
  reader.commit(bytes.size());
}

/// Feeds a request in pieces of a size, and wants its body as soon as its head is there.
void read(http_request_reader& reader, std::string_view bytes, std::size_t piece) {
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    feed(reader, bytes.substr(at, piece));
    if (reader.has_head()) {
      reader.want_body();
    }
  }
}

/// How many bytes a client could send: the same piece again and again, after a beginning.
std::size_t taken(const std::string& beginning, const std::string& piece, request_fault wanted) {
  http_request_reader reader{narrow};
  read(reader, beginning, beginning.size());
  auto size = beginning.size();
  while (reader.fault() == request_fault::none && !reader.done() && size < 10'000'000) {
    feed(reader, piece);
    if (reader.has_head()) {
      reader.want_body();
    }
    size += piece.size();
    CAF_CHECK(reader.held() < 5000);
  }
  CAF_MESSAGE(reader.error());
  CAF_CHECK(reader.fault() == wanted);
  CAF_CHECK(!reader.has_head());
  CAF_CHECK(!reader.done());
  return size;
}

const std::string chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";

} // namespace

CAF_TEST(requests of every form are read in pieces of every size) {
  for (const auto& text : {std::string{"POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"},
                           std::string{"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                                       "2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\nX-T: 1\r\n\r\n"}}) {
    for (const std::size_t piece : {1u, 2u, 3u, 7u, 65536u}) {
      http_request_reader reader{request_limits{}};
      read(reader, text, piece);
      CAF_CHECK_EQUAL(reader.error(), "");
      CAF_REQUIRE(reader.done());
      const auto request = reader.take();
      CAF_CHECK(request.target() == "/a");
      CAF_CHECK_EQUAL(request.body(), "hello");
      CAF_CHECK(reader.empty());
    }
  }
}

CAF_TEST(a body is not read before it is wanted) {
  http_request_reader reader{narrow};
  CAF_CHECK(reader.empty());
  feed(reader, "POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhel");
  CAF_CHECK(!reader.empty());
  CAF_CHECK_EQUAL(reader.first(), 'P');
  CAF_REQUIRE(reader.has_head());
  CAF_CHECK(reader.has_body());
  CAF_CHECK(!reader.done());
  CAF_CHECK_EQUAL(reader.head().body(), "");
  reader.want_body();
  CAF_CHECK_EQUAL(reader.head().body(), "hel");
  feed(reader, "loG");
  CAF_CHECK(reader.done());
  CAF_CHECK(reader.take().body() == "hello");
  // What came behind it is the next one's.
  CAF_CHECK(!reader.empty());
  reader.resume();
  CAF_CHECK_EQUAL(reader.first(), 'G');
  CAF_CHECK(!reader.has_head());
  feed(reader, "ET / HTTP/1.1\r\n\r\n");
  CAF_CHECK(reader.done());
  CAF_CHECK(!reader.has_body());
}

CAF_TEST(a length that is too much is told once the body is wanted) {
  http_request_reader reader{narrow};
  feed(reader, "POST /a HTTP/1.1\r\nContent-Length: 9223372036854775807\r\n\r\n");
  CAF_CHECK(reader.has_head());
  CAF_CHECK(reader.fault() == request_fault::none);
  reader.want_body();
  CAF_CHECK(reader.fault() == request_fault::body_too_large);
  CAF_CHECK_EQUAL(reader.error(), "the request's body is above 1000 bytes");
}

CAF_TEST(nothing that a client sends for ever is read for ever) {
  constexpr std::size_t bound = 4500;
  const std::string many(100, 'x');
  using enum request_fault;
  CAF_CHECK(taken("GET /", many, header_too_large) < bound);
  CAF_CHECK(taken("GET / HTTP/1.1\r\nA: ", many, header_too_large) < bound);
  // Each line in a piece of its own, which the parser counts anew.
  CAF_CHECK(taken("GET / HTTP/1.1\r\n", "A: b\r\n", header_too_large) < bound);
  CAF_CHECK(taken(chunked + "2;a=", many, framing_too_large) < bound);
  CAF_CHECK(taken(chunked + "0\r\nA: ", many, framing_too_large) < bound);
  CAF_CHECK(taken(chunked + "0\r\n", "A: b\r\n", framing_too_large) < bound);
  CAF_CHECK(taken(chunked, "1;" + many + "\r\na\r\n", framing_too_large) < bound);
  // Chunks of one byte are a body like another, up to its limit.
  CAF_CHECK(taken(chunked, "1\r\na\r\n", body_too_large) > 6000);
}

CAF_TEST(fields are few) {
  const auto fault_of = [](const std::string& text, std::size_t piece, std::string& error) {
    http_request_reader reader{request_limits{}};
    read(reader, text, piece);
    error = reader.error();
    CAF_CHECK(reader.done() == (reader.fault() == request_fault::none));
    CAF_CHECK(reader.held() < 20'000);
    return reader.fault();
  };
  const auto fields = [](int count) {
    std::string out;
    for (int i = 0; i < count; ++i) {
      out += "A:\r\n";
    }
    return out;
  };
  const std::string get = "GET / HTTP/1.1\r\n";
  for (const std::size_t piece : {1u, 5u, 700u, 65536u}) {
    std::string error;
    CAF_CHECK(fault_of(get + fields(128) + "\r\n", piece, error) == request_fault::none);
    CAF_CHECK(fault_of(get + fields(129) + "\r\n", piece, error) ==
              request_fault::header_too_large);
    CAF_CHECK_EQUAL(error, "the request has more than 128 header fields");
    // They do not have to end, and a line that goes on is one more.
    CAF_CHECK(fault_of(get + fields(129) + "B", piece, error) == request_fault::header_too_large);
    CAF_CHECK(fault_of(get + fields(127) + " b\r\n c\r\n\r\n", piece, error) ==
              request_fault::header_too_large);
    CAF_CHECK(fault_of(get + fields(2000), piece, error) == request_fault::header_too_large);
    const auto body = chunked + "1\r\na\r\n0\r\n";
    CAF_CHECK(fault_of(body + fields(127) + "\r\n", piece, error) == request_fault::none);
    CAF_CHECK(fault_of(body + fields(128) + "\r\n", piece, error) ==
              request_fault::framing_too_large);
    CAF_CHECK_EQUAL(error, "the request has more than 128 header fields");
  }
}

CAF_TEST(what fields take is held) {
  http_request_reader reader{request_limits{}};
  feed(reader, "GET / HTTP/1.1\r\nA:\r\nB:\r\n");
  // The second field ends with the byte behind its line, which may go on with it.
  CAF_CHECK_EQUAL(reader.held(), 24 + 2 * kept_for_a_field);
  feed(reader, "\r\n");
  reader.take();
  CAF_CHECK_EQUAL(reader.held(), 0u);
}

CAF_TEST(a large body buys no long line) {
  http_request_reader reader{narrow};
  read(reader, chunked + "3e8\r\n" + std::string(1000, 'b') + "\r\n1;a=", 100);
  CAF_CHECK(reader.fault() == request_fault::none);
  std::size_t size = 0;
  while (reader.fault() == request_fault::none && size < 100'000) {
    feed(reader, std::string(100, 'x'));
    size += 100;
  }
  CAF_CHECK(reader.fault() == request_fault::framing_too_large);
  CAF_CHECK(size <= 2100);
}

CAF_TEST(what is no http is malformed) {
  for (const auto& text : {std::string{"hello there\r\n\r\n"}, chunked + "xyz\r\nmore",
                           std::string{"GET / HTTP/1.1\r\nA\r\n\r\n"}}) {
    http_request_reader reader{narrow};
    read(reader, text, text.size());
    CAF_CHECK(reader.fault() == request_fault::malformed);
    CAF_CHECK(reader.error().starts_with("no HTTP request: "));
  }
}

} // namespace http_request_reader_suite
