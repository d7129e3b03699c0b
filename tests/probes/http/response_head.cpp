#define CAF_SUITE response_head

#include "xprober/probes/http/response_head.hpp"

#include "caf/test/unit_test.hpp"

namespace response_head_suite {

using namespace xprober::http;
using state = head_reader::state;
using form = body_framing::form;

namespace {

constexpr std::string_view ok = "HTTP/1.1 200 OK";

/// What a reader made of lines; the last one must end the head unless one fails.
head_reader read(const std::vector<std::string_view>& lines) {
  head_reader reader{true};
  auto now = state::need_line;
  for (const auto line : lines) {
    now = reader.take(line);
    if (now != state::need_line) {
      break;
    }
  }
  CAF_CHECK(now == (reader.problem().empty() ? state::done : state::failed));
  return reader;
}

std::uint16_t status_of(std::string_view line) {
  const auto reader = read({line, ""});
  return reader.problem().empty() ? reader.head().status : std::uint16_t{0};
}

std::string value_of(const std::vector<std::string_view>& lines, std::string_view name) {
  const auto reader = read(lines);
  for (const auto& [n, value] : reader.head().fields) {
    if (n == name) {
      return value;
    }
  }
  return "(" + reader.problem() + ")";
}

body_framing framed(const std::vector<std::string_view>& fields, std::string_view status = ok,
                    bool bodiless = false) {
  std::vector<std::string_view> lines{status};
  lines.insert(lines.end(), fields.begin(), fields.end());
  lines.push_back("");
  return frame_body(read(lines).head(), bodiless);
}

std::uint64_t length_of(std::string_view value) {
  const auto framing = framed({"Content-Length: " + std::string{value}});
  CAF_CHECK(framing.how == form::counted || !framing.problem.empty());
  return framing.problem.empty() ? framing.length : std::uint64_t{9999};
}

} // namespace

CAF_TEST(status lines) {
  for (const auto* good : {"HTTP/1.1 200 OK", "HTTP/1.1 200", "HTTP/1.1 200 ", "HTTP/1.0 200 OK",
                           "HTTP/1.1  200 OK", "HTTP/1.1 200 caf\xE9", "HTTP/1.1 200 OK\r"}) {
    CAF_CHECK_EQUAL(status_of(good), 200u);
  }
  CAF_CHECK(read({"HTTP/1.0 404", ""}).head().version == 10);
  CAF_CHECK(read({"HTTP/2.0 404", ""}).head().version == 20);
  CAF_CHECK_EQUAL(status_of("HTTP/1.1 999 X"), 999u);
  for (const auto* bad :
       {"", "HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 20", "HTTP/1.1 2000", "HTTP/1.1 200OK",
        "HTTP/1.1 -20", "HTTP/1.1 abc", "HTTP/1.1 000", "HTTP/1.1\t200 OK", "HTTP/1.1 200\tOK",
        "HTTP/1.12 200 OK", "HTTP/2 200 OK", "HTTP/2.1 200 OK", "HTTP/3.0 200 OK",
        "http/1.1 200 OK", "ICY 200 OK", " HTTP/1.1 200 OK"}) {
    CAF_MESSAGE(bad);
    CAF_CHECK_EQUAL(status_of(bad), 0u);
  }
}

CAF_TEST(fields) {
  CAF_CHECK_EQUAL(value_of({ok, "A: b", ""}, "A"), "b");
  CAF_CHECK_EQUAL(value_of({ok, "A:b \t\r", "\r"}, "A"), "b");
  CAF_CHECK_EQUAL(value_of({ok, "A: b\r\r", "\r"}, "A"), "b");
  CAF_CHECK_EQUAL(value_of({ok, "A : b", ""}, "A"), "b");
  CAF_CHECK_EQUAL(value_of({ok, "A:", ""}, "A"), "");
  CAF_CHECK_EQUAL(value_of({ok, "A(b) c: d:e", ""}, "A(b) c"), "d:e");
  CAF_CHECK_EQUAL(value_of({ok, "A: b", " c", "\t d", "E: f", ""}, "A"), "b c d");
  CAF_CHECK_EQUAL(value_of({ok, ": passed over", " and so on", "A: b", ""}, "A"), "b");
  CAF_CHECK_EQUAL(value_of({ok, "A: b\x01", ""}, "A"), "b\x01");
}

CAF_TEST(what is no field is said) {
  CAF_CHECK(!read({ok, "no colon", ""}).problem().empty());
  CAF_CHECK(!read({ok, " goes on with none", ""}).problem().empty());
  CAF_CHECK(!read({ok, {"A: \0", 4}, ""}).problem().empty());
  CAF_CHECK(read({ok, "no \x1B[2J colon"}).problem().find('\x1B') == std::string::npos);
}

CAF_TEST(what a probe needs is at hand) {
  const auto reader =
      read({ok, "set-cookie: a=1", "LOCATION: /x", "Location: /y", "Set-Cookie: b=2",
            "Content-Encoding: gzip", "content-encoding: br", ""});
  CAF_CHECK_EQUAL(reader.head().location, std::optional<std::string>{"/x"});
  CAF_CHECK_EQUAL(reader.head().set_cookies, (std::vector<std::string>{"a=1", "b=2"}));
  CAF_CHECK_EQUAL(reader.head().content_codings, "gzip,br");
  CAF_CHECK(!reader.head().lengths);
}

CAF_TEST(lengths) {
  CAF_CHECK_EQUAL(length_of("5"), 5u);
  CAF_CHECK_EQUAL(length_of("0005"), 5u);
  CAF_CHECK_EQUAL(length_of("5, 5"), 5u);
  CAF_CHECK_EQUAL(length_of("99999999999999999999"), ~std::uint64_t{0});
  for (const auto* bad : {"", "5,", "5, 6", "+5", "-5", "0x5", "5 bytes", "five"}) {
    CAF_MESSAGE(bad);
    CAF_CHECK_EQUAL(length_of(bad), 9999u);
  }
  CAF_CHECK(framed({"Content-Length: 5", "content-length: 5"}).length == 5);
  CAF_CHECK(!framed({"Content-Length: 5", "Content-Length: 6"}).problem.empty());
  CAF_CHECK(framed({}).how == form::until_close);
}

CAF_TEST(transfer codings) {
  CAF_CHECK(framed({"Transfer-Encoding: Chunked"}).how == form::chunked);
  CAF_CHECK(framed({"Transfer-Encoding: chunked", "Content-Length: 5"}).how == form::chunked);
  CAF_CHECK(framed({"Transfer-Encoding: chunked", "Content-Length: x"}).problem.empty());
  CAF_CHECK(framed({"Transfer-Encoding: identity", "Content-Length: 5"}).how == form::counted);
  const auto both = framed({"Transfer-Encoding: gzip", "Transfer-Encoding: chunked"});
  CAF_CHECK(both.how == form::chunked);
  CAF_CHECK_EQUAL(both.codings, "gzip");
  const auto gzip = framed({"Transfer-Encoding: gzip", "Content-Length: 5"});
  CAF_CHECK(gzip.how == form::until_close);
  CAF_CHECK_EQUAL(gzip.codings, "gzip");
  CAF_CHECK(!framed({"Transfer-Encoding: chunked, gzip"}).problem.empty());
  CAF_CHECK(!framed({"Transfer-Encoding: chunked, chunked"}).problem.empty());
}

CAF_TEST(the lines of a header are bounded) {
  for (const auto* line : {"A:", "Set-Cookie: a=b", " goes on"}) {
    head_reader reader{true};
    CAF_CHECK(reader.take(ok) == state::need_line);
    CAF_CHECK(reader.take("A:") == state::need_line);
    for (std::size_t i = 1; i < max_head_fields; ++i) {
      CAF_REQUIRE(reader.take(line) == state::need_line);
    }
    CAF_CHECK(reader.take(line) == state::too_many);
    CAF_CHECK(reader.take("") == state::done);
  }
}

CAF_TEST(some responses have no body whatever they say) {
  for (const auto* status : {"HTTP/1.1 304 X", "HTTP/1.1 204 X", "HTTP/1.1 101 X"}) {
    CAF_CHECK(framed({"Content-Length: 20000"}, status).how == form::none);
    CAF_CHECK(framed({"Transfer-Encoding: chunked"}, status).how == form::none);
    CAF_CHECK(framed({"Content-Length: x"}, status).problem.empty());
  }
  CAF_CHECK(framed({"Content-Length: 20000"}, ok, true).how == form::none);
  CAF_CHECK(framed({"Content-Length: 0"}, "HTTP/1.1 205 X").how == form::counted);
}

} // namespace response_head_suite
