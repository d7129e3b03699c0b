#define CAF_SUITE target_table

#include "xprober/actors/agent/target_table.hpp"

#include <string>

#include "xprober/domain/kind_table.hpp"

#include "caf/test/unit_test.hpp"

namespace target_table_suite {

using namespace xprober;

namespace {

target_uid uid(std::string address, const probe_kind& type = kinds::icmp()) {
  return {"eu", std::move(address), type};
}

target_ref add(target_table& table, const target_uid& who,
               std::optional<std::string> user = std::nullopt) {
  return table.add(who, stable_hash(who), std::move(user));
}

} // namespace

CAF_TEST(a target is found by its uid and by the hash alone) {
  target_table table;
  const auto a = add(table, uid("a"));
  const auto b = add(table, uid("b", kinds::http()), "user:secret");
  CAF_CHECK_EQUAL(table.size(), 2u);
  CAF_CHECK(table.find(uid("a"), stable_hash(uid("a"))) == a->index);
  CAF_CHECK(table.find(stable_hash(b->uid)) == b->index);
  CAF_CHECK(table.at(b->index) == b);
  CAF_CHECK_EQUAL(*b->user_info, "user:secret");
  CAF_CHECK(a->user_info == nullptr);
  CAF_CHECK(!table.find(uid("b"), stable_hash(uid("b"))));
  CAF_CHECK(table.at(1000) == nullptr);
}

CAF_TEST(two targets with the same hash are told apart) {
  target_table table;
  const auto a = table.add(uid("a"), 7, std::nullopt);
  const auto b = table.add(uid("b"), 7, std::nullopt);
  CAF_CHECK(table.find(uid("a"), 7) == a->index);
  CAF_CHECK(table.find(uid("b"), 7) == b->index);
  CAF_CHECK(!table.find(uid("c"), 7));
}

CAF_TEST(an index that is free is given away again) {
  target_table table;
  const auto a = add(table, uid("a"));
  add(table, uid("b"));
  table.remove(a->index);
  CAF_CHECK_EQUAL(table.size(), 1u);
  CAF_CHECK(table.at(a->index) == nullptr);
  CAF_CHECK(!table.find(stable_hash(uid("a"))));
  const auto c = add(table, uid("c"));
  CAF_CHECK_EQUAL(c->index, a->index);
  CAF_CHECK_EQUAL(table.end_index(), 2u);
  CAF_CHECK_EQUAL(a->uid.address, "a"); // whoever holds it still has it
}

CAF_TEST(targets are counted by type) {
  target_table table;
  add(table, uid("a"));
  add(table, uid("b"));
  const auto c = add(table, uid("c", kinds::http()));
  CAF_CHECK_EQUAL(table.counts().total(), 3u);
  table.remove(c->index);
  CAF_CHECK_EQUAL(table.counts().total(), 2u);
  auto counts = table.counts();
  CAF_CHECK_EQUAL(counts.of(kinds::icmp()), 2u);
  CAF_CHECK_EQUAL(counts.of(kinds::http()), 0u);
  table.clear();
  CAF_CHECK_EQUAL(table.size(), 0u);
  CAF_CHECK_EQUAL(table.counts().total(), 0u);
  CAF_CHECK_EQUAL(add(table, uid("d"))->index, 0u);
}

} // namespace target_table_suite
