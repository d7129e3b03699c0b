#define CAF_SUITE batch_answer

#include "xprober/actors/server/batch_answer.hpp"

#include <cstdint>

#include "caf/test/dsl.hpp"

namespace batch_answer_suite {

using namespace xprober;

namespace {

batch_header header(std::uint64_t sequence, std::uint32_t rows = 7) {
  batch_header h;
  h.instance[15] = 0xAB;
  h.sequence = sequence;
  h.rows = rows;
  return h;
}

} // namespace

CAF_TEST(an answer names the batch and what became of its rows) {
  const auto answer = answer_to(header(42), {5, 2});
  CAF_CHECK_EQUAL(answer.instance, "000000000000000000000000000000ab");
  CAF_CHECK_EQUAL(answer.sequence, 42);
  CAF_CHECK_EQUAL(answer.accepted, 5);
  CAF_CHECK_EQUAL(answer.rejected, 2);
  CAF_CHECK(!answer.duplicate && answer.errors.empty());
}

CAF_TEST(a number that is too far on is refused with all rows) {
  constexpr std::uint64_t most = std::uint64_t{1} << 24U;
  CAF_CHECK(!refusal_of(header(1 + most), 1));
  const auto refused = refusal_of(header(2 + most), 1);
  CAF_REQUIRE(refused);
  CAF_CHECK_EQUAL(refused->accepted, 0);
  CAF_CHECK_EQUAL(refused->rejected, 7);
  CAF_CHECK(refused->errors.at(0).find("16777218") != std::string::npos);
  CAF_CHECK_EQUAL(refusal_of(header(2 + most, 0xFFFFFFFF), 1)->rejected, max_batch_rows);
}

CAF_TEST(the first of an instance may have any number) {
  CAF_CHECK(!refusal_of(header(std::uint64_t{1} << 40U), std::nullopt));
}

} // namespace batch_answer_suite
