#define CAF_SUITE described_kind
#include "xprober/domain/wire/described_kind.hpp"

#include <limits>

#include "xprober/domain/kind_table.hpp"

#include "support/toy_kinds.hpp"

#include "caf/test/unit_test.hpp"

namespace described_kind_suite {

using namespace xprober;

namespace {

/// icmp as another version has it: a column more in front of the others, one in another unit, one
/// in another role, one in another form, one gone.
probe_kind other_icmp() {
  auto kind = kinds::icmp();
  kind.columns[kinds::icmp_column::min].unit = "seconds";
  kind.columns[kinds::icmp_column::stddev].role = column_role::duration;
  kind.columns[kinds::icmp_column::latency].role = column_role::gauge;
  kind.columns[kinds::icmp_column::sent].form = column_form::number;
  kind.columns[kinds::icmp_column::reply_ttl].form = column_form::number;
  kind.columns.erase(kind.columns.begin() + kinds::icmp_column::p99);
  kind_column fresh;
  fresh.key = "colour";
  kind.columns.insert(kind.columns.begin() + 1, fresh);
  return kind;
}

} // namespace

CAF_TEST(a kind of the table is read as it stands) {
  const described_kind read{encode_kind(kinds::icmp())};
  CAF_CHECK(read.kind().get() == &kinds::icmp());
  std::string row;
  byte_writer out{row};
  out.varint((1U << kinds::icmp_column::loss) | (1U << kinds::icmp_column::sent));
  out.float32(50);
  out.varint(10);
  byte_reader in{row};
  column_values values;
  CAF_CHECK_EQUAL(read.read_values(in, values), "");
  CAF_CHECK(values.number(kinds::icmp_column::loss) == 50.0F);
  CAF_CHECK(values.whole(kinds::icmp_column::sent) == 10U);
  CAF_CHECK_EQUAL(in.left(), 0U);
}

CAF_TEST(of a built in kind in other words what agrees is taken) {
  const auto kind = other_icmp();
  CAF_REQUIRE_EQUAL(kind_problem(kind), "");
  const described_kind read{encode_kind(kind)};
  CAF_REQUIRE(read.kind().get() == &kinds::icmp());
  std::string row;
  byte_writer out{row};
  std::uint32_t mask = 0;
  std::string cells;
  byte_writer numbers{cells};
  for (std::size_t i = 1; i < kind.columns.size(); ++i) {
    mask |= 1U << i;
    const auto number = static_cast<float>(i);
    switch (kind.columns[i].form) {
    case column_form::number: numbers.float32(number + 0.5F); break;
    case column_form::coarse: numbers.half(number); break;
    case column_form::whole: numbers.varint(i); break;
    }
  }
  out.varint(mask);
  row += cells;
  byte_reader in{row};
  column_values values;
  CAF_REQUIRE_EQUAL(read.read_values(in, values), "");
  CAF_CHECK_EQUAL(in.left(), 0U);
  namespace column = kinds::icmp_column;
  CAF_CHECK(values.number(column::loss) == 2.5F);
  CAF_CHECK(values.whole(column::sent) == 4U); // 4.5 as a whole number
  CAF_CHECK(values.number(column::max) == 6.0F);
  CAF_CHECK(values.whole(column::reply_ttl) == 11U);
  CAF_CHECK(values.whole(column::duplicates) == 12U);
  for (const auto other : {column::latency, column::min, column::stddev, column::p99}) {
    CAF_CHECK(!values.has(other));
  }
}

CAF_TEST(whole numbers and others become each other within their limits) {
  auto kind = kinds::http();
  kind.columns[kinds::http_column::status].form = column_form::number;
  const described_kind read{encode_kind(kind)};
  for (const auto& [number, whole] :
       {std::pair{404.0F, 404U}, {-1.0F, 0U}, {1e20F, std::numeric_limits<std::uint32_t>::max()}}) {
    std::string row;
    byte_writer out{row};
    out.varint(1U << kinds::http_column::status);
    out.float32(number);
    byte_reader in{row};
    column_values values;
    CAF_CHECK_EQUAL(read.read_values(in, values), "");
    CAF_CHECK(values.whole(kinds::http_column::status) == whole);
  }
}

CAF_TEST(a kind of no table is its own) {
  const described_kind read{encode_kind(samples::toy())};
  CAF_REQUIRE(read.kind() != nullptr);
  CAF_CHECK(*read.kind() == samples::toy());
}

CAF_TEST(a description that cannot be used says why) {
  const described_kind read{"\x04icmp"};
  CAF_CHECK(read.kind() == nullptr);
  CAF_CHECK(read.problem().find("cut short") != std::string::npos);
  auto twice = samples::toy();
  twice.columns[3].key = twice.columns[4].key;
  const described_kind other{encode_kind(twice)};
  CAF_CHECK(other.kind() == nullptr);
  CAF_CHECK_EQUAL(other.problem(), "kind toy: column noise stands twice");
}

} // namespace described_kind_suite
