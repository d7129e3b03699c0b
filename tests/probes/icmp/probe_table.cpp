#define CAF_SUITE probe_table

#include "xprober/probes/icmp/probe_table.hpp"

#include "caf/test/unit_test.hpp"

namespace probe_table_suite {

using namespace xprober;
using namespace xprober::icmp;

CAF_TEST(a probe is found until its slot is free and its successor is another) {
  probe_table table;
  const auto index = table.take();
  const auto generation = table[index].generation;
  CAF_CHECK(table.find(index, generation) == nullptr); // nothing runs yet
  table[index].state = probe_slot::phase::probing;
  CAF_CHECK(table.find(index, generation) == &table[index]);
  CAF_CHECK(table.find(index, generation + 1) == nullptr);
  CAF_CHECK(table.find(index + 1, generation) == nullptr);
  table.release(index);
  CAF_CHECK(table.find(index, generation) == nullptr);
  CAF_CHECK_EQUAL(table.take(), index);
  table[index].state = probe_slot::phase::resolving;
  CAF_CHECK(table.find(index, generation) == nullptr);
  CAF_CHECK(table.find(index, generation + 1) != nullptr);
}

CAF_TEST(the table is as long as the most probes at a time) {
  probe_table table;
  const auto first = table.take();
  const auto second = table.take();
  CAF_CHECK_NOT_EQUAL(first, second);
  table.release(first);
  CAF_CHECK_EQUAL(table.taken(), 1u);
  CAF_CHECK_EQUAL(table.take(), first);
  CAF_CHECK_EQUAL(table.size(), 2u);
  CAF_CHECK_EQUAL(table.taken(), 2u);
}

CAF_TEST(nothing of a probe is left in its slot) {
  probe_table table;
  const auto index = table.take();
  auto& s = table[index];
  s.state = probe_slot::phase::probing;
  s.target = new_counted<const target_spec>();
  s.via = std::make_shared<lane>(icmp_config{}, nanoseconds{0});
  s.trouble = "unreachable";
  s.errors.push_back({3, 1, 1, "host unreachable", "192.0.2.1"});
  s.followers.push_back({1, 1});
  s.reply_ttl = 64;
  s.resolve_cached = true;
  s.resolve_lag = nanoseconds{5};
  bool ended = false;
  s.done = [&](probe_outcome&&) { ended = true; };
  table.release(index);
  CAF_CHECK(!s.target && !s.via && !s.done && !ended);
  CAF_CHECK(s.trouble.empty() && s.errors.empty() && s.followers.empty());
  CAF_CHECK(s.reply_ttl == 0 && !s.resolve_cached && s.resolve_lag == nanoseconds{0});
}

} // namespace probe_table_suite
