#define CAF_SUITE target_set

#include "xprober/domain/targets/target_set.hpp"

#include "caf/test/dsl.hpp"

namespace target_set_suite {

using namespace xprober;

namespace {

const target_list list{{"icmp", "eu", {"a", "b"}}, {"http", "us", {"c"}}};

} // namespace

CAF_TEST(the order of groups and targets means nothing) {
  const target_list other{{"http", "us", {"c"}}, {"icmp", "eu", {"b"}}, {"icmp", "eu", {"a"}}};
  CAF_CHECK_EQUAL(set_hash(other), set_hash(list));
  CAF_CHECK_EQUAL(list_revision(other), list_revision(list));
  CAF_CHECK_EQUAL(count_targets(other), 3u);
}

CAF_TEST(every field of a target counts) {
  const auto hash = set_hash({{"icmp", "eu", {"a"}}});
  CAF_CHECK(set_hash({{"http", "eu", {"a"}}}) != hash);
  CAF_CHECK(set_hash({{"icmp", "us", {"a"}}}) != hash);
  CAF_CHECK(set_hash({{"icmp", "eu", {"b"}}}) != hash);
  CAF_CHECK(set_hash({{"icmpe", "u", {"a"}}}) != hash);
  CAF_CHECK(set_hash({{"icmp", "e", {"ua"}}}) != hash);
  CAF_CHECK(set_hash({{"icmp", "eu", {"a", "a"}}}) != hash);
}

CAF_TEST(a difference leads from one hash to another) {
  const target_list added{{"icmp", "eu", {"d"}}, {"slow", "ap", {"e"}}};
  const target_list removed{{"icmp", "eu", {"a"}}, {"http", "us", {"c"}}};
  auto changed = list;
  apply_difference(changed, added, removed);
  CAF_CHECK(changed == (target_list{{"icmp", "eu", {"b", "d"}}, {"slow", "ap", {"e"}}}));
  CAF_CHECK_EQUAL(set_hash(changed), set_hash(list) + set_hash(added) - set_hash(removed));
  apply_difference(changed, removed, added);
  CAF_CHECK_EQUAL(set_hash(changed), set_hash(list));
}

CAF_TEST(what is not there is not taken out) {
  auto changed = list;
  apply_difference(changed, {}, {{"icmp", "nowhere", {"a"}}, {"icmp", "eu", {"c"}}});
  CAF_CHECK(changed == list);
  target_list nothing;
  apply_difference(nothing, list, {});
  CAF_CHECK(nothing == list);
}

CAF_TEST(a revision is a number in hexadecimal digits and back) {
  CAF_CHECK_EQUAL(revision_text(0), "0000000000000000");
  CAF_CHECK_EQUAL(revision_text(0x123456789abcdef0), "123456789abcdef0");
  CAF_CHECK(parse_revision("123456789abcdef0") == 0x123456789abcdef0u);
  CAF_CHECK(!parse_revision("r1"));
  CAF_CHECK(!parse_revision(""));
}

} // namespace target_set_suite
