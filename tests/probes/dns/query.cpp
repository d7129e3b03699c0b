#define CAF_SUITE query

#include "xprober/probes/dns/query.hpp"

#include "caf/test/unit_test.hpp"

namespace query_suite {

using namespace xprober::dns_query;

CAF_TEST(a query) {
  const auto query = make_query(0x1234, {"www.Example.", 28, 1}, true);
  CAF_REQUIRE(query);
  CAF_CHECK((std::string{query->begin(), query->end()} ==
             std::string{"\x12\x34\1\0\0\1\0\0\0\0\0\0\3www\7Example\0\0\x1c\0\1", 29}));
  const auto root = make_query(1, {".", 2, 1}, false);
  CAF_REQUIRE(root);
  CAF_CHECK_EQUAL(root->size(), 17u);
  CAF_CHECK_EQUAL((*root)[2], 0);
  const auto escaped = make_query(1, {"a\\.b\\065.", 1, 1}, true);
  CAF_REQUIRE(escaped);
  CAF_CHECK_EQUAL((*escaped)[12], 4);
  CAF_CHECK_EQUAL((*escaped)[16], 'A');
}

CAF_TEST(names that cannot be asked for) {
  const std::string label(63, 'x');
  CAF_CHECK(make_query(1, {label + ".", 1, 1}, true));
  CAF_CHECK(!make_query(1, {label + "x.", 1, 1}, true));
  CAF_CHECK(!make_query(1, {"a..b.", 1, 1}, true));
  CAF_CHECK(!make_query(1, {".a.", 1, 1}, true));
  CAF_CHECK(!make_query(1, {"a\\", 1, 1}, true));
  CAF_CHECK(!make_query(1, {"a\\999.", 1, 1}, true));
  const auto long_name = label + "." + label + "." + label + "." + std::string(61, 'x') + ".";
  CAF_CHECK(make_query(1, {long_name, 1, 1}, true)); // 255 bytes
  CAF_CHECK(!make_query(1, {"x" + long_name, 1, 1}, true));
}

} // namespace query_suite
