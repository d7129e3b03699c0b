#define CAF_SUITE condense

#include "xprober/net/condense.hpp"

#include <vector>

#include <zlib.h>

#include "caf/test/unit_test.hpp"

namespace condense_suite {

using namespace xprober;
using namespace xprober::net;

namespace {

std::string gunzip(const std::string& packed, std::size_t size) {
  z_stream stream{};
  const int begun = inflateInit2(&stream, 15 + 16);
  CAF_REQUIRE_EQUAL(begun, Z_OK);
  std::string out(size + 1, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = inflate(&stream, Z_FINISH);
  CAF_CHECK_EQUAL(result, Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  inflateEnd(&stream);
  return out;
}

/// Text that is not all alike.
std::string long_text(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) {
    text += "{\"line\": " + std::to_string(i * 7919 % 100'003) + "}\n";
  }
  text.resize(size);
  return text;
}

http_request asking(std::string_view accept, std::string_view known = "") {
  http_request request{http::verb::get, "/", 11};
  if (!accept.empty()) {
    request.set(http::field::accept_encoding, std::string{accept});
  }
  if (!known.empty()) {
    request.set(http::field::if_none_match, std::string{known});
  }
  return request;
}

http_response condensed_for(const http_request& request, http_response answer) {
  return condense(condense_terms_of(request), std::move(answer));
}

std::string field_of(const http_response& answer, http::field name) {
  const auto value = answer[name];
  return std::string{value.data(), value.size()};
}

} // namespace

CAF_TEST(weights decide whether gzip is wanted) {
  for (const auto* yes :
       {"gzip", "GZip", "x-gzip", "deflate, gzip", "br;q=1.0, gzip;q=0.8, *;q=0.1", "*", "*;q=0.5",
        "gzip ; q=0.001", "identity;q=0.5, gzip", "gzip;q=1.000"}) {
    CAF_MESSAGE(yes);
    CAF_CHECK(accepts_gzip(yes));
  }
  for (const auto* no : {"", "identity", "gzip;q=0", "gzip; q=0.000, *", "*;q=0", "br, deflate",
                         "identity, gzip;q=0.5", "gzip;q=x", "gzip;q=2", "gzip;q=-1", "gzipped",
                         "gzip;q=nan", ",,;q=1"}) {
    CAF_MESSAGE(no);
    CAF_CHECK(!accepts_gzip(no));
  }
}

CAF_TEST(weights decide whether brotli is wanted) {
  for (const auto* yes : {"br", "gzip, deflate, BR", "br;q=0.1, gzip", "*", "*;q=0.5, gzip;q=0"}) {
    CAF_MESSAGE(yes);
    CAF_CHECK(accepts_brotli(yes));
  }
  for (const auto* no : {"", "gzip", "br;q=0", "br;q=0, *", "identity, br;q=0.5"}) {
    CAF_MESSAGE(no);
    CAF_CHECK(!accepts_brotli(no));
  }
}

CAF_TEST(tags are compared weakly) {
  const auto tag = entity_tag("text");
  CAF_CHECK(tag.starts_with("W/\""));
  CAF_CHECK_EQUAL(tag.size(), 20u);
  CAF_CHECK(tag != entity_tag("other text"));
  CAF_CHECK(names_tag(tag, tag));
  CAF_CHECK(names_tag(tag.substr(2), tag));
  CAF_CHECK(names_tag("\"a\", " + tag + ", W/\"b\"", tag));
  CAF_CHECK(names_tag("*", tag));
  CAF_CHECK(!names_tag("", tag));
  CAF_CHECK(!names_tag("\"a\", W/\"b\"", tag));
}

CAF_TEST(what was compressed is the body) {
  for (const std::size_t size : {std::size_t{1024}, std::size_t{100'000}, std::size_t{3'000'000}}) {
    const auto text = long_text(size);
    const auto answer = condensed_for(asking("gzip"), json_response(http::status::ok, text));
    CAF_CHECK_EQUAL(field_of(answer, http::field::content_encoding), "gzip");
    CAF_CHECK_EQUAL(field_of(answer, http::field::vary), "Accept-Encoding");
    CAF_CHECK(answer.body().size() < size / 2);
    CAF_CHECK(gunzip(answer.body(), size) == text);
  }
}

CAF_TEST(what is small or no text or not asked for stays as it is) {
  const auto text = long_text(5000);
  const auto plain = [](const http_response& answer) {
    return field_of(answer, http::field::content_encoding).empty();
  };
  const auto small = condensed_for(asking("gzip"), json_response(http::status::ok, "{}"));
  CAF_CHECK(plain(small));
  CAF_CHECK_EQUAL(small.body(), "{}");
  CAF_CHECK(!field_of(small, http::field::etag).empty());
  const auto refused = condensed_for(asking("gzip;q=0"), text_response(http::status::ok, text));
  CAF_CHECK(plain(refused));
  CAF_CHECK(refused.body() == text);
  CAF_CHECK_EQUAL(field_of(refused, http::field::vary), "Accept-Encoding");
  const auto image =
      condensed_for(asking("gzip"), text_response(http::status::ok, text, "image/x"));
  CAF_CHECK(plain(image));
  CAF_CHECK(field_of(image, http::field::etag).empty());
  const auto failed =
      condensed_for(asking("gzip"), text_response(http::status::service_unavailable, text));
  CAF_CHECK(plain(failed));
  CAF_CHECK(field_of(failed, http::field::etag).empty());
}

CAF_TEST(metrics as messages are compressed and what else they depend on stays) {
  auto answer = text_response(http::status::ok, long_text(5000),
                              "application/vnd.google.protobuf; encoding=delimited");
  answer.set(http::field::vary, "Accept");
  const auto packed = condensed_for(asking("gzip"), std::move(answer));
  CAF_CHECK_EQUAL(field_of(packed, http::field::content_encoding), "gzip");
  CAF_CHECK_EQUAL(field_of(packed, http::field::vary), "Accept, Accept-Encoding");
  CAF_CHECK(!field_of(packed, http::field::etag).empty());
}

CAF_TEST(what the client has is not sent again) {
  const auto text = long_text(5000);
  const auto first = condensed_for(asking("gzip"), json_response(http::status::ok, text));
  const auto tag = field_of(first, http::field::etag);
  const auto again = condensed_for(asking("gzip", tag), json_response(http::status::ok, text));
  CAF_CHECK_EQUAL(again.result_int(), 304u);
  CAF_CHECK(again.body().empty());
  CAF_CHECK_EQUAL(field_of(again, http::field::etag), tag);
  CAF_CHECK_EQUAL(field_of(again, http::field::vary), "Accept-Encoding");
  const auto uncompressed = condensed_for(asking("", tag), json_response(http::status::ok, text));
  CAF_CHECK_EQUAL(uncompressed.result_int(), 304u);
  const auto changed =
      condensed_for(asking("gzip", tag), json_response(http::status::ok, text + "x"));
  CAF_CHECK_EQUAL(changed.result_int(), 200u);
}

CAF_TEST(a body that comes in pieces is left alone) {
  auto answer = text_response(http::status::ok, "");
  answer.next_chunk = []() -> asio::awaitable<std::optional<std::string>> {
    co_return std::nullopt;
  };
  const auto same = condensed_for(asking("gzip"), std::move(answer));
  CAF_CHECK(same.next_chunk != nullptr);
  CAF_CHECK(field_of(same, http::field::etag).empty());
}

} // namespace condense_suite
