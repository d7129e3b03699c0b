#define CAF_SUITE http_answer

#include "xprober/net/http_answer.hpp"

#include "caf/test/unit_test.hpp"

namespace http_answer_suite {

using namespace xprober::net;

namespace {

/// Feeds bytes in pieces of a size until the reader has enough, and then the end where it has not.
http_answer read(const std::string& bytes, std::size_t piece = 65536, http_limits limits = {}) {
  http_answer_reader reader{limits};
  for (std::size_t at = 0; at < bytes.size() && !reader.done(); at += piece) {
    reader.feed(std::string_view{bytes}.substr(at, piece));
  }
  if (!reader.done()) {
    reader.end();
  }
  CAF_CHECK(reader.done());
  return reader.take();
}

/// How many bytes a server could send: the same piece again and again, after a beginning.
std::size_t taken(const std::string& beginning, const std::string& piece, http_fault wanted,
                  http_limits limits) {
  http_answer_reader reader{limits};
  reader.feed(beginning);
  auto size = beginning.size();
  while (!reader.done() && size < 10'000'000) {
    reader.feed(piece);
    size += piece.size();
  }
  const auto answer = reader.take();
  CAF_MESSAGE(answer.error);
  CAF_CHECK(answer.fault == wanted);
  CAF_CHECK(!reader.reusable());
  return size;
}

const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

} // namespace

CAF_TEST(answers of every form are read in pieces of every size) {
  const std::string length = "HTTP/1.1 200 Fine\r\nX-A: 1\r\nContent-Length: 5\r\n\r\nhello";
  for (const auto& text :
       {length, chunked + "2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\nX-T: 1\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + length,
        std::string{"HTTP/1.0 200 OK\r\n\r\nhello"}}) {
    for (const std::size_t piece : {1u, 2u, 3u, 7u, 65536u}) {
      const auto answer = read(text, piece);
      CAF_CHECK_EQUAL(answer.error, "");
      CAF_CHECK_EQUAL(answer.status, 200u);
      CAF_CHECK_EQUAL(answer.body, "hello");
    }
  }
  for (const std::size_t piece : {1u, 3u}) {
    CAF_CHECK(read(chunked + "0\r\n\r\n", piece).ok());
  }
  const auto answer = read(length);
  CAF_CHECK_EQUAL(answer.reason, "Fine");
  CAF_CHECK_EQUAL(answer.header("x-a"), "1");
  CAF_CHECK_EQUAL(answer.header("x-b"), "");
  CAF_CHECK_EQUAL(read("HTTP/1.1 204 No Content\r\n\r\n").status, 204u);
}

CAF_TEST(a connection is kept only behind a whole answer) {
  const auto kept = [](const std::string& bytes) {
    http_answer_reader reader{http_limits{}};
    reader.feed(bytes);
    return reader.done() && reader.reusable();
  };
  const std::string empty = "Content-Length: 0\r\n\r\n";
  CAF_CHECK(kept("HTTP/1.1 200 OK\r\n" + empty));
  CAF_CHECK(kept(chunked + "1\r\na\r\n0\r\n\r\n"));
  CAF_CHECK(!kept("HTTP/1.1 200 OK\r\nConnection: close\r\n" + empty));
  CAF_CHECK(!kept("HTTP/1.0 200 OK\r\n" + empty));
  CAF_CHECK(!kept("HTTP/1.1 200 OK\r\n" + empty + "more"));
  CAF_CHECK(!kept("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"));
}

CAF_TEST(what is no answer or a part of one is an error) {
  CAF_CHECK_EQUAL(read("").error, "the server closed the connection");
  CAF_CHECK(read("").fault == http_fault::lost);
  for (const auto* text : {"HTTP/1.1 200 OK\r\nContent-", "HTTP/1.1 100 Continue\r\n\r\n",
                           "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[]"}) {
    CAF_CHECK(read(text).fault == http_fault::lost);
  }
  for (const auto& text : {std::string{"nonsense\r\n\r\n"}, chunked + "xyz\r\n",
                           std::string{"HTTP/1.1 200 OK\r\nA\r\n\r\n"}}) {
    const auto answer = read(text);
    CAF_CHECK(answer.fault == http_fault::malformed);
    CAF_CHECK(answer.error.starts_with("this is not an HTTP answer, or a part of one: "));
  }
}

CAF_TEST(a server that expects tls is recognised by its alert) {
  const auto answer = read(std::string{"\x15\x03\x01\x00\x02\x02\x46", 7});
  CAF_CHECK(answer.fault == http_fault::malformed);
  CAF_CHECK_EQUAL(answer.error, "the server speaks TLS on this port: use https://");
}

CAF_TEST(the status of an answer that is too long is known) {
  const http_limits limits{.max_head = 1000, .max_body = 10};
  const auto named =
      read("HTTP/1.1 400 Bad\r\nContent-Length: 9223372036854775807\r\n\r\nno", 7, limits);
  CAF_CHECK(named.fault == http_fault::too_large);
  CAF_CHECK_EQUAL(named.error, "the answer is larger than 10 bytes");
  CAF_CHECK_EQUAL(named.status, 400u);
  const auto chunks = read("HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\n"
                           "b\r\nhello world\r\n0\r\n\r\n",
                           1, limits);
  CAF_CHECK(chunks.fault == http_fault::too_large);
  CAF_CHECK_EQUAL(chunks.status, 400u);
  CAF_CHECK_EQUAL(chunks.body, "hello world");
  CAF_CHECK(read("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789", 5, limits).ok());
}

CAF_TEST(nothing that a server sends for ever is read for ever) {
  const http_limits limits{.max_head = 2000, .max_body = 1000};
  constexpr std::size_t bound = 4000;
  const std::string many(100, 'x');
  CAF_CHECK(taken("HTTP/1.1 200 ", many, http_fault::overlong, limits) < bound);
  CAF_CHECK(taken("HTTP/1.1 200 OK\r\nA: ", many, http_fault::overlong, limits) < bound);
  CAF_CHECK(taken("HTTP/1.1 200 OK\r\n", "A: b\r\n", http_fault::overlong, limits) < bound);
  CAF_CHECK(taken(chunked + "2;a=", many, http_fault::overlong, limits) < bound);
  CAF_CHECK(taken(chunked + "0\r\nA: ", many, http_fault::overlong, limits) < bound);
  CAF_CHECK(taken(chunked + "0\r\n", "A: b\r\n", http_fault::overlong, limits) < bound);
  CAF_CHECK(taken("", "HTTP/1.1 100 Continue\r\n\r\n", http_fault::overlong, limits) < bound);
  // Each byte of the body in a chunk with an extension that takes more than the body may.
  CAF_CHECK(taken(chunked, "1;" + many + "\r\na\r\n", http_fault::overlong, limits) < bound);
  // A body that came before buys no long line.
  CAF_CHECK(taken(chunked + "3e8\r\n" + std::string(1000, 'b') + "\r\n1;a=", many,
                  http_fault::overlong, limits) < bound);
  // Chunks of one byte are a body like another, up to its limit.
  CAF_CHECK(taken(chunked, "1\r\na\r\n", http_fault::too_large, limits) > 6000);
  CAF_CHECK(taken("HTTP/1.1 200 OK\r\n\r\n", many, http_fault::too_large, limits) < bound);
}

CAF_TEST(fields are few) {
  const auto fields = [](int count) {
    std::string out;
    for (int i = 0; i < count; ++i) {
      out += "A:\r\n";
    }
    return out;
  };
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::string end = "Content-Length: 1\r\n\r\na";
  for (const std::size_t piece : {1u, 5u, 700u, 65536u}) {
    CAF_CHECK(read(ok + fields(127) + end, piece).ok());
    const auto many = read(ok + fields(128) + end, piece);
    CAF_CHECK(many.fault == http_fault::overlong);
    CAF_CHECK_EQUAL(many.error, "the answer has more than 128 header fields");
    CAF_CHECK(read(ok + fields(10'000), piece).fault == http_fault::overlong);
    // Those of an informational answer are not the next one's.
    CAF_CHECK(read("HTTP/1.1 103 X\r\n" + fields(100) + "\r\n" + ok + end, piece).ok());
    CAF_CHECK(read(chunked + "1\r\na\r\n0\r\n" + fields(127) + "\r\n", piece).ok());
    const auto trailers = read(chunked + "1\r\na\r\n0\r\n" + fields(128) + "\r\n", piece);
    CAF_CHECK(trailers.fault == http_fault::overlong);
    CAF_CHECK(trailers.headers.empty());
  }
}

CAF_TEST(a status below 100 is none) {
  for (const std::string status : {"020", "000", "099"}) {
    const auto answer = read("HTTP/1.1 " + status + " OK\r\nContent-Length: 2\r\n\r\nok");
    CAF_CHECK(answer.fault == http_fault::malformed);
  }
  CAF_CHECK(read("HTTP/1.1 999 OK\r\nContent-Length: 2\r\n\r\nok").ok());
}

} // namespace http_answer_suite
