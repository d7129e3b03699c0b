#define CAF_SUITE failure_texts

#include "xprober/actors/server/failure_texts.hpp"

#include <string>

#include "caf/test/dsl.hpp"

namespace failure_texts_suite {

using namespace xprober;

CAF_TEST(reasons have numbers with their phases) {
  failure_texts all;
  const auto one = all.reason("refused", "connect");
  CAF_CHECK_EQUAL(all.reason("refused", "connect"), one);
  CAF_CHECK(all.reason("refused", "tls") != one);
  CAF_CHECK_EQUAL(all.reason("", "tls"), no_number);
  const auto text = all.reason_text(one);
  CAF_CHECK_EQUAL(text.reason, "refused");
  CAF_CHECK_EQUAL(text.phase, "connect");
  CAF_CHECK(all.reason_text(no_number).reason.empty());
}

CAF_TEST(a sentence stays while it is used) {
  failure_texts all;
  const auto one = all.acquire_sentence("nobody listens");
  CAF_CHECK_EQUAL(all.acquire_sentence("nobody listens"), one);
  all.release_sentence(one);
  CAF_CHECK_EQUAL(all.sentence(one), "nobody listens");
  all.release_sentence(one);
  CAF_CHECK_EQUAL(all.sentences(), 0U);
  CAF_CHECK_EQUAL(all.acquire_sentence("another"), one);
  CAF_CHECK_EQUAL(all.acquire_sentence(""), no_number);
  all.release_sentence(no_number);
  CAF_CHECK(all.sentence(no_number).empty());
}

CAF_TEST(sentences are bounded) {
  failure_texts all;
  for (std::size_t i = 0; i < failure_texts::most_sentences; ++i) {
    CAF_REQUIRE(all.acquire_sentence(std::to_string(i)) != no_number);
  }
  CAF_CHECK_EQUAL(all.acquire_sentence("one more"), no_number);
  all.release_sentence(all.acquire_sentence("7"));
  all.release_sentence(all.acquire_sentence("7"));
  CAF_CHECK_EQUAL(all.sentences(), failure_texts::most_sentences);
}

} // namespace failure_texts_suite
