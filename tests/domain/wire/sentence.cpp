#define CAF_SUITE sentence

#include "xprober/domain/wire/sentence.hpp"

#include <random>

#include "xprober/domain/label_text.hpp"
#include "xprober/domain/wire/batch.hpp"

#include "caf/test/unit_test.hpp"

namespace sentence_suite {

using namespace xprober;

CAF_TEST(clean text stays as it is) {
  for (const std::string text : {"", "no answer in 10 s", "\u00fcber \u2192 \U0001F600"}) {
    CAF_CHECK_EQUAL(clean_sentence(text), text);
  }
}

CAF_TEST(what a stranger said is quoted as clean text) {
  CAF_CHECK_EQUAL(clean_sentence("said \"220 hi\r\n\""), "said \"220 hi  \"");
  CAF_CHECK_EQUAL(clean_sentence("a\xFF\u00e4"), "a\uFFFD\u00e4");
  CAF_CHECK_EQUAL(clean_sentence("cut \xE2\x86"), "cut \uFFFD\uFFFD");
  CAF_CHECK_EQUAL(clean_sentence("\xC2\x85"), "\uFFFD\uFFFD"); // a control character, too
}

CAF_TEST(a sentence is cut between characters) {
  CAF_CHECK_EQUAL(clean_sentence(std::string(1000, 'x')), std::string(max_batch_detail, 'x'));
  CAF_CHECK_EQUAL(cut_text("a\u2192", 4), "a\u2192");
  CAF_CHECK_EQUAL(cut_text("a\u2192", 3), "a");
  CAF_CHECK_EQUAL(cut_text("\u2192", 0), "");
}

CAF_TEST(whatever bytes come a clean sentence comes of them) {
  std::mt19937 random{1};
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(1 + random() % 600, ' ');
    for (auto& byte : bytes) {
      byte = static_cast<char>(random());
    }
    const auto sentence = clean_sentence(bytes);
    CAF_CHECK(!sentence.empty());
    CAF_CHECK(sentence.size() <= max_batch_detail);
    CAF_CHECK(is_clean_text(sentence));
  }
}

} // namespace sentence_suite
