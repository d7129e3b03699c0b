#define CAF_SUITE decoder

#include "xprober/probes/http/decoder.hpp"

#include "probes/http/encoded.hpp"

#include "caf/test/unit_test.hpp"

namespace decoder_suite {

using namespace xprober::http;
using namespace xprober::http::test;
using state = content_decoder::state;

namespace {

struct decoded {
  state how = state::good;
  std::string text;
};

decoded decode(std::string_view codings, std::string_view bytes, std::size_t piece = 1'000'000,
               std::uint64_t limit = 1'000'000) {
  const auto decoder = content_decoder::make(codings, limit).decoder;
  if (!decoder) {
    CAF_FAIL("no decoder for " << std::string{codings});
  }
  decoded result;
  while (!bytes.empty() && result.how == state::good) {
    result.how =
        decoder->feed(bytes.substr(0, piece), [&](std::string_view part) { result.text += part; });
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  if (result.how == state::good) {
    result.how = decoder->finish();
  }
  return result;
}

const std::string text = [] {
  std::string all;
  for (int i = 0; i < 3000; ++i) {
    all += "line " + std::to_string(i * 7919) + "\n";
  }
  return all;
}();

} // namespace

CAF_TEST(every coding in pieces of several sizes) {
  for (const auto& [coding, bytes] :
       std::vector<std::pair<std::string, std::string>>{{"gzip", gzipped(text)},
                                                        {" GZip ", gzipped(text)},
                                                        {"x-gzip", gzipped(text)},
                                                        {"deflate", deflated(text, 15)},
                                                        {"deflate", deflated(text, -15)},
                                                        {"br", brotlied(text)},
                                                        {"identity, gzip", gzipped(text)},
                                                        {"gzip, br", brotlied(gzipped(text))}}) {
    for (const std::size_t piece : {1UL, 7UL, 4096UL, 1'000'000UL}) {
      const auto result = decode(coding, bytes, piece);
      CAF_CHECK(result.how == state::good);
      CAF_CHECK(result.text == text);
    }
  }
}

CAF_TEST(members of gzip follow each other) {
  CAF_CHECK_EQUAL(decode("gzip", gzipped("one ") + gzipped("two")).text, "one two");
  CAF_CHECK(decode("gzip", gzipped("one ") + "rubbish").how == state::corrupt);
}

CAF_TEST(an empty body is empty in every coding) {
  for (const auto* coding : {"gzip", "deflate", "br"}) {
    CAF_CHECK(decode(coding, "").how == state::good);
  }
}

CAF_TEST(what is cut short or not of its coding is corrupt) {
  for (const auto& [coding, bytes] :
       std::vector<std::pair<std::string, std::string>>{{"gzip", gzipped(text)},
                                                        {"deflate", deflated(text, 15)},
                                                        {"deflate", deflated(text, -15)},
                                                        {"br", brotlied(text)}}) {
    for (const std::size_t left : {1UL, 2UL, bytes.size() / 2, bytes.size() - 1}) {
      CAF_CHECK(decode(coding, bytes.substr(0, left)).how == state::corrupt);
    }
  }
  CAF_CHECK(decode("gzip", "<html>not coded at all</html>").how == state::corrupt);
  CAF_CHECK(decode("br", brotlied("x") + "more").how == state::corrupt);
  auto flipped = gzipped(text);
  flipped[flipped.size() - 5] ^= 1; // its checksum
  CAF_CHECK(decode("gzip", flipped).how == state::corrupt);
}

CAF_TEST(a bomb ends at the limit and not at its end) {
  const std::string zeros(50'000'000, '\0');
  for (const auto& [coding, bytes] :
       std::vector<std::pair<std::string, std::string>>{{"gzip", gzipped(zeros)},
                                                        {"deflate", deflated(zeros, 15)},
                                                        {"br", brotlied(zeros)},
                                                        {"gzip, gzip", gzipped(gzipped(zeros))}}) {
    const auto result = decode(coding, bytes, 1'000'000, 100'000);
    CAF_CHECK(result.how == state::too_large);
    CAF_CHECK(result.text.size() <= 100'000);
  }
  CAF_CHECK(decode("gzip", gzipped(std::string(1000, 'a')), 1000, 1000).how == state::good);
  CAF_CHECK(decode("gzip", gzipped(std::string(1001, 'a')), 1000, 1000).how == state::too_large);
}

CAF_TEST(what needs no decoder and what has none) {
  for (const auto& [codings, expected] :
       std::vector<std::pair<std::string, std::string>>{{"", ""},
                                                        {"identity", ""},
                                                        {" , identity", ""},
                                                        {"zstd", "zstd"},
                                                        {"gzip, UTF-8", "utf-8"}}) {
    const auto made = content_decoder::make(codings, 1);
    CAF_CHECK(!made.decoder);
    CAF_CHECK_EQUAL(made.unknown, expected);
  }
}

CAF_TEST(what is inside of an unknown coding stays as it is) {
  CAF_CHECK_EQUAL(decode("gzip, none, gzip", gzipped("as it is")).text, "as it is");
  CAF_CHECK(decode("none, gzip", "as it is").how == state::corrupt);
}

CAF_TEST(a fifth coding is too many and no unknown one) {
  const auto most = content_decoder::make("gzip,gzip,gzip,gzip", 1);
  CAF_CHECK(most.decoder && !most.too_many);
  const auto more = content_decoder::make("br,gzip,gzip,gzip,gzip", 1);
  CAF_CHECK(more.too_many);
  CAF_CHECK_EQUAL(more.unknown, "");
  CAF_CHECK(!content_decoder::make("none,gzip,gzip,gzip,gzip", 1).too_many);
}

} // namespace decoder_suite
