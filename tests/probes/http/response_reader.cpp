#define CAF_SUITE response_reader

#include "xprober/probes/http/response_reader.hpp"

#include <algorithm>

#include "probes/http/encoded.hpp"

#include "caf/test/unit_test.hpp"

namespace response_reader_suite {

using namespace xprober;
using namespace xprober::http;
using state = response_reader::state;

namespace {

// Feeds a text in pieces; stops where the reader does.
state feed(response_reader& reader, std::string_view text, std::size_t piece = 1'000'000) {
  auto now = state::need_more;
  while (!text.empty() && now == state::need_more) {
    auto room = reader.prepare();
    const auto n = std::min({text.size(), piece, room.size()});
    std::copy_n(text.begin(), n, room.begin());
    text.remove_prefix(n);
    now = reader.commit(n);
  }
  return now;
}

probe_error error_of(std::string_view text, bool ends = false, read_limits limits = {}) {
  response_reader reader{limits};
  auto now = feed(reader, text);
  if (ends && now == state::need_more) {
    now = reader.end_of_stream();
  }
  CAF_CHECK((now == state::failed) == (reader.error() != probe_error::none));
  CAF_CHECK((now == state::failed) == !reader.detail().empty());
  return reader.error();
}

const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                            "5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nTrailer: t\r\n\r\n";

} // namespace

CAF_TEST(line feeds alone end lines as well) {
  const std::string text = "HTTP/1.1 200 OK\nX: y\nContent-Length: 5\n\na\nb\nc";
  for (const std::size_t piece : {1UL, 7UL, 1000UL}) {
    response_reader reader{{}, false, {.fields = true, .body = 100}};
    CAF_CHECK(feed(reader, text, piece) == state::done);
    CAF_CHECK_EQUAL(reader.status(), 200u);
    CAF_CHECK_EQUAL(reader.body(), "a\nb\nc");
    CAF_REQUIRE_EQUAL(reader.fields().size(), 2u);
    CAF_CHECK_EQUAL(reader.fields()[0].second, "y");
  }
  for (const auto* mixed : {"HTTP/1.1 204 None\nX: y\r\n\r\n", "HTTP/1.1 204 None\r\nX: y\n\r\n",
                            "HTTP/1.1 204 None\r\nX: y\r\n\n", "HTTP/1.1 204\nX: y\n\n",
                            "HTTP/1.1 100 Go on\n\nHTTP/1.1 204\r\nX: y\n\n"}) {
    for (const std::size_t piece : {1UL, 3UL, 1000UL}) {
      response_reader reader{{}, false, {.fields = true}};
      CAF_CHECK(feed(reader, mixed, piece) == state::done);
      CAF_CHECK_EQUAL(reader.status(), 204u);
      CAF_CHECK_EQUAL(reader.fields().size(), 1u);
    }
  }
  CAF_CHECK(error_of("HTTP/1.1 200 OK\nX: y", true) == probe_error::http_early_close);
  CAF_CHECK(error_of("HTTP/1.1 200 OK\n" + std::string(70'000, 'x')) ==
            probe_error::http_header_too_large);
}

CAF_TEST(a response in pieces of every size) {
  for (std::size_t piece = 1; piece < chunked.size(); ++piece) {
    response_reader reader{{}};
    CAF_REQUIRE(feed(reader, chunked, piece) == state::done);
    CAF_REQUIRE_EQUAL(reader.body_bytes(), 6u);
    CAF_REQUIRE_EQUAL(reader.status(), 200);
  }
}

CAF_TEST(a body with a length) {
  response_reader reader{{}};
  CAF_CHECK(feed(reader, "HTTP/1.0 404 Not Found\r\nContent-Length: 3\r\n\r\nab") ==
            state::need_more);
  CAF_CHECK(reader.header_done());
  CAF_CHECK_EQUAL(reader.status(), 404);
  CAF_CHECK(feed(reader, "c") == state::done);
  CAF_CHECK_EQUAL(reader.body_bytes(), 3u);
}

CAF_TEST(a body that the end of the connection ends) {
  response_reader reader{{}};
  CAF_CHECK(feed(reader, "HTTP/1.1 200 OK\r\n\r\nabc") == state::need_more);
  CAF_CHECK(reader.end_of_stream() == state::done);
  CAF_CHECK_EQUAL(reader.body_bytes(), 3u);
}

CAF_TEST(a body that the end of the connection cuts) {
  response_reader reader{{}};
  CAF_CHECK(feed(reader, "HTTP/1.1 200 OK\r\n\r\nabc") == state::need_more);
  CAF_CHECK(reader.end_of_stream(true) == state::failed);
  CAF_CHECK(reader.error() == probe_error::http_early_close);
}

CAF_TEST(responses without a body) {
  response_reader no_content{{}};
  CAF_CHECK(feed(no_content, "HTTP/1.1 204 No Content\r\n\r\n") == state::done);
  response_reader head{{}, true};
  CAF_CHECK(feed(head, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n") == state::done);
}

CAF_TEST(a status line without a reason) {
  for (std::string_view line : {"HTTP/1.1 200\r\n", "HTTP/1.1 200 \r\n"}) {
    for (std::size_t piece : {1, 5, 13, 1000}) {
      response_reader reader{{}};
      CAF_CHECK(feed(reader, std::string{line} + "Content-Length: 0\r\n\r\n", piece) ==
                state::done);
      CAF_CHECK_EQUAL(reader.status(), 200);
    }
  }
}

CAF_TEST(interim responses are skipped) {
  response_reader reader{{}};
  const std::string early = "HTTP/1.1 103 Early Hints\r\nLocation: /wrong\r\n\r\n";
  CAF_CHECK(feed(reader, "HTTP/1.1 100 Continue\r\n\r\n" + early) == state::need_more);
  CAF_CHECK(!reader.header_done());
  CAF_CHECK_EQUAL(reader.status(), 0);
  CAF_CHECK(feed(reader, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") == state::done);
  CAF_CHECK_EQUAL(reader.status(), 200);
  CAF_CHECK(!reader.location());
  CAF_MESSAGE("but not without end");
  std::string many;
  for (int i = 0; i < 20; ++i) {
    many += early;
  }
  CAF_CHECK_EQUAL(error_of(many), probe_error::http_malformed);
}

CAF_TEST(the fields a probe needs are kept) {
  response_reader reader{{}};
  feed(reader, "HTTP/1.1 302 Found\r\nset-cookie: a=1\r\nLOCATION: /x\r\nLocation: /y\r\n"
               "Set-Cookie: b=2\r\nContent-Length: 0\r\n\r\n");
  CAF_CHECK_EQUAL(reader.location(), std::optional<std::string>{"/x"});
  CAF_CHECK_EQUAL(reader.set_cookies(), (std::vector<std::string>{"a=1", "b=2"}));
}

CAF_TEST(garbage is malformed at its first byte) {
  CAF_CHECK_EQUAL(error_of("SSH-2.0-x\r\n"), probe_error::http_malformed);
  CAF_CHECK_EQUAL(error_of("HTTX/2"), probe_error::http_malformed);
  CAF_CHECK_EQUAL(error_of({"\0\1\2", 3}), probe_error::http_malformed);
  CAF_CHECK_EQUAL(error_of("HTTP/1.1 abc\r\n\r\n"), probe_error::http_malformed);
  CAF_CHECK_EQUAL(error_of("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), probe_error::http_malformed);
  CAF_CHECK_EQUAL(error_of("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"),
                  probe_error::http_malformed);
  CAF_CHECK_EQUAL(error_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
                  probe_error::http_malformed);
}

CAF_TEST(an answer cut short) {
  CAF_CHECK_EQUAL(error_of("", true), probe_error::http_early_close);
  CAF_CHECK_EQUAL(error_of("HT", true), probe_error::http_early_close);
  CAF_CHECK_EQUAL(error_of("HTTP/1.1 200 OK\r\nA: b", true), probe_error::http_early_close);
  CAF_CHECK_EQUAL(error_of("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", true),
                  probe_error::http_early_close);
  CAF_CHECK_EQUAL(error_of(chunked.substr(0, chunked.size() - 20), true),
                  probe_error::http_early_close);
}

CAF_TEST(headers and bodies are bounded) {
  const read_limits limits{.header = 1000, .body = 10};
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  CAF_CHECK_EQUAL(error_of(ok + "A: " + std::string(5000, 'x'), false, limits),
                  probe_error::http_header_too_large);
  CAF_CHECK_EQUAL(error_of(ok + "Content-Length: 11\r\n\r\n", false, limits),
                  probe_error::http_body_too_large);
  CAF_CHECK_EQUAL(error_of(ok + "\r\n" + std::string(11, 'x'), false, limits),
                  probe_error::http_body_too_large);
  CAF_CHECK_EQUAL(error_of(ok + "\r\n" + std::string(10, 'x'), true, limits), probe_error::none);
  const auto chunks = ok + "Transfer-Encoding: chunked\r\n\r\n";
  CAF_CHECK_EQUAL(error_of(chunks + "b\r\n12345678901\r\n", false, limits),
                  probe_error::http_body_too_large);
  CAF_MESSAGE("chunk extensions and trailers without end");
  CAF_CHECK_EQUAL(error_of(chunks + "1;" + std::string(5000, 'x'), false, limits),
                  probe_error::http_header_too_large);
  CAF_CHECK_EQUAL(error_of(chunks + "0\r\nT: " + std::string(5000, 'x'), false, limits),
                  probe_error::http_header_too_large);
}

CAF_TEST(the header of a redirect is known though its body is too large) {
  response_reader reader{{.header = 1000, .body = 10}};
  CAF_CHECK(feed(reader, "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 99\r\n\r\n") ==
            state::failed);
  CAF_CHECK(reader.header_done());
  CAF_CHECK_EQUAL(reader.location(), std::optional<std::string>{"/x"});
}

CAF_TEST(what is to be kept is kept and no more) {
  response_reader reader{{}, false, {.fields = true, .body = 4}};
  CAF_CHECK(feed(reader, "HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n" + chunked, 3) == state::done);
  CAF_CHECK_EQUAL(reader.body(), "hell");
  CAF_CHECK_EQUAL(reader.body_bytes(), 6u);
  CAF_CHECK_EQUAL(reader.version(), 11);
  CAF_REQUIRE_EQUAL(reader.fields().size(), 1u); // neither hints nor trailers
  CAF_CHECK_EQUAL(reader.fields()[0].first, "Transfer-Encoding");
  CAF_CHECK_EQUAL(reader.fields()[0].second, "chunked");
  response_reader plain{{}};
  CAF_CHECK(feed(plain, chunked) == state::done);
  CAF_CHECK(plain.body().empty());
  CAF_CHECK(plain.fields().empty());
}

CAF_TEST(bodies are decoded) {
  const auto bytes = test::gzipped(std::string(5000, 'a') + "end");
  const auto head = "HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n";
  response_reader reader{{.header = 1000, .body = 5003}, false, {.fields = false, .body = 6000}};
  CAF_CHECK(feed(reader,
                 head + std::string{"Content-Length: "} + std::to_string(bytes.size()) +
                     "\r\n\r\n" + bytes,
                 10) == state::done);
  CAF_CHECK(reader.body().ends_with("aaaend"));
  CAF_CHECK_EQUAL(reader.body().size(), 5003u);
  CAF_CHECK_EQUAL(reader.body_bytes(), bytes.size());
  CAF_CHECK_EQUAL(reader.version(), 10);
  const auto whole = head + std::string{"\r\n"} + bytes;
  CAF_CHECK_EQUAL(error_of(whole, true, {.header = 1000, .body = 5002}),
                  probe_error::http_decoded_too_large);
  CAF_CHECK_EQUAL(error_of(whole, true), probe_error::none);
  CAF_CHECK_EQUAL(error_of(whole.substr(0, whole.size() - 1), true),
                  probe_error::http_bad_encoding);
  CAF_CHECK_EQUAL(error_of(head + std::string{"\r\nplain"}, true), probe_error::http_bad_encoding);
}

CAF_TEST(a body in a coding that is not known is taken as it came) {
  for (const auto* coding : {"none", "utf-8", "zstd", "gzip, none"}) {
    response_reader reader{{}, false, {.fields = false, .body = 10}};
    CAF_CHECK(feed(reader, "HTTP/1.1 200 OK\r\nContent-Encoding: " + std::string{coding} +
                               "\r\nContent-Length: 3\r\n\r\nabc") == state::done);
    CAF_CHECK_EQUAL(reader.body(), "abc");
  }
}

CAF_TEST(codings of the transfer are undone or the answer cannot be read) {
  const auto bytes = test::gzipped("hello");
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: ";
  response_reader reader{{}, false, {.fields = false, .body = 10}};
  CAF_CHECK(feed(reader, head + "gzip\r\n\r\n" + bytes) == state::need_more);
  CAF_CHECK(reader.end_of_stream() == state::done);
  CAF_CHECK_EQUAL(reader.body(), "hello");
  CAF_CHECK_EQUAL(error_of(head + "new, chunked\r\n\r\n0\r\n\r\n"), probe_error::http_malformed);
  CAF_CHECK_EQUAL(error_of(head + "chunked, gzip\r\n\r\n0\r\n\r\n"), probe_error::http_malformed);
}

CAF_TEST(what has no body is whole with its head) {
  const read_limits limits{.header = 1000, .body = 10};
  CAF_CHECK_EQUAL(error_of("HTTP/1.1 304 X\r\nContent-Length: 20000\r\n\r\n", false, limits),
                  probe_error::none);
  CAF_CHECK_EQUAL(error_of("HTTP/1.1 304 X\r\nContent-Encoding: gzip\r\n\r\n"), probe_error::none);
  response_reader head{limits, true};
  CAF_CHECK(feed(head, "HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n") == state::done);
}

CAF_TEST(a header of every size is read or too large) {
  const std::string begin = "HTTP/1.1 200\nX: ";
  const std::string end = "\nContent-Length: 0\n\n";
  for (std::size_t size = 16'380; size <= 16'390; ++size) {
    const auto text = begin + std::string(size - begin.size() - end.size(), 'x') + end;
    CAF_CHECK_EQUAL(error_of(text, false, {.header = 16'384}),
                    size <= 16'384 ? probe_error::none : probe_error::http_header_too_large);
  }
}

} // namespace response_reader_suite
