#define CAF_SUITE kind_shape
#include "xprober/domain/kind_shape.hpp"

#include "support/samples.hpp"

#include "caf/test/unit_test.hpp"

namespace kind_shape_suite {

using namespace xprober;

CAF_TEST(the time a probe is about) {
  const kind_shape icmp{kinds::icmp()};
  CAF_CHECK(headline_ms(icmp, samples::echoes(3, 3, 2.5F)) == std::optional{2.5F});
  CAF_CHECK(!headline_ms(icmp, samples::echoes(3, 0, 0)));
  const kind_shape http{kinds::http()};
  CAF_CHECK(headline_ms(http, samples::http_values({1, 2, 3, 4, 5}, 200)) == std::optional{15.0F});
  CAF_CHECK(!headline_ms(http, samples::http_values({1, 2}, 0)));
  auto bare = kinds::http();
  bare.columns.resize(1);
  CAF_CHECK(!headline_ms(kind_shape{bare}, {}));
}

CAF_TEST(a shape says what the columns say) {
  for (const auto& kind : builtin_kinds()) {
    const kind_shape shape{kind};
    for (std::size_t i = 0; i < kind.columns.size(); ++i) {
      const auto& column = kind.columns[i];
      const auto among = [i](std::uint32_t mask) { return ((mask >> i) & 1U) != 0; };
      CAF_CHECK_EQUAL(among(shape.kept), column.kept && i > 0);
      CAF_CHECK_EQUAL(among(shape.stand_ins), column.kept && column.old_missing.has_value());
      CAF_CHECK_EQUAL(among(shape.phases), column.role == column_role::phase);
      CAF_CHECK_EQUAL(among(shape.loss), column.role == column_role::loss);
      CAF_CHECK_EQUAL(among(shape.duration), column.role == column_role::duration);
    }
  }
}

} // namespace kind_shape_suite
