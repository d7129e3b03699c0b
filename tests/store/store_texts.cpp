#define CAF_SUITE store_texts

#include "xprober/store/store_texts.hpp"

#include "caf/test/unit_test.hpp"

namespace store_texts_suite {

using namespace xprober;

CAF_TEST(a text is there once and as long as somebody uses it) {
  store_texts subject;
  const auto first = subject.acquire("region");
  CAF_CHECK_EQUAL(subject.acquire("region"), first);
  CAF_CHECK_EQUAL(subject.size(), 1u);
  CAF_CHECK_EQUAL(subject[first], "region");
  CAF_CHECK_EQUAL(subject.find("region"), first);
  CAF_CHECK_EQUAL(subject.find("Region"), no_slot);
  subject.release(first);
  CAF_CHECK_EQUAL(subject.find("region"), first);
  subject.release(first);
  CAF_CHECK_EQUAL(subject.find("region"), no_slot);
  CAF_CHECK_EQUAL(subject.size(), 0u);
}

CAF_TEST(no text is a text too) {
  store_texts subject;
  const auto empty = subject.acquire("");
  CAF_CHECK_EQUAL(subject.find(""), empty);
  CAF_CHECK_EQUAL(subject[empty], "");
}

} // namespace store_texts_suite
