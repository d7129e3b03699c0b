#define CAF_SUITE kind_codec
#include "xprober/domain/wire/kind_codec.hpp"

#include <random>

#include "xprober/domain/kind_table.hpp"

#include "caf/test/unit_test.hpp"

namespace kind_codec_suite {

using namespace xprober;

namespace {

probe_kind toy() {
  auto kind = kinds::icmp();
  kind.name = "toy";
  return kind;
}

} // namespace

CAF_TEST(a built in kind is the one of the table) {
  for (const auto& kind : builtin_kinds()) {
    std::string problem;
    CAF_CHECK(decode_kind(encode_kind(kind), problem).get() == &kind);
    CAF_CHECK_EQUAL(problem, "");
    CAF_CHECK(hold_kind(kind).get() == &kind);
  }
}

CAF_TEST(another kind comes back as it was) {
  const auto kind = toy();
  std::string problem;
  const auto read = decode_kind(encode_kind(kind), problem);
  CAF_REQUIRE(read != nullptr);
  CAF_CHECK(*read == kind);
  CAF_CHECK(hold_kind(kind).get() != &kind);
  CAF_CHECK(*hold_kind(kind) == kind);
}

CAF_TEST(what later versions add is passed over) {
  std::string problem;
  const auto read = decode_kind(encode_kind(toy()) + "more of it", problem);
  CAF_REQUIRE(read != nullptr);
  CAF_CHECK(*read == toy());
  auto bytes = encode_kind(toy());
  // The last column: its role stands three bytes before the end.
  bytes[bytes.size() - 3] = 99;
  const auto unknown = decode_kind(bytes, problem);
  CAF_REQUIRE(unknown != nullptr);
  CAF_CHECK(unknown->columns.back().role == column_role::gauge);
}

CAF_TEST(what cannot be used is told) {
  std::string problem;
  auto bytes = encode_kind(toy());
  bytes[bytes.size() - 2] = 99;
  CAF_CHECK(decode_kind(bytes, problem) == nullptr);
  CAF_CHECK(problem.find("form") != std::string::npos);
  auto kind = toy();
  kind.columns.erase(kind.columns.begin());
  CAF_CHECK(decode_kind(encode_kind(kind), problem) == nullptr);
  CAF_CHECK(problem.find("first column") != std::string::npos);
}

CAF_TEST(no damage does harm) {
  const auto good = encode_kind(toy());
  std::string problem;
  for (std::size_t size = 0; size < good.size(); ++size) {
    CAF_CHECK(decode_kind(std::string_view{good}.substr(0, size), problem) == nullptr);
    CAF_CHECK(!problem.empty());
  }
  std::mt19937 random{1};
  for (int round = 0; round < 20'000; ++round) {
    auto damaged = good;
    damaged[random() % damaged.size()] = static_cast<char>(random());
    const auto kind = decode_kind(damaged, problem);
    CAF_CHECK((kind == nullptr) != problem.empty());
    CAF_CHECK(kind == nullptr || kind_problem(*kind).empty());
  }
}

} // namespace kind_codec_suite
