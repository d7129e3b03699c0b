#define CAF_SUITE share_table

#include "xprober/probes/icmp/share_table.hpp"

#include <string>

#include "caf/test/dsl.hpp"

namespace share_table_suite {

using namespace xprober;
using namespace xprober::icmp;
using namespace std::chrono_literals;

namespace {

using kind = share_table::decision::kind;

struct share_fixture {
  share_table table{15s};
  monotonic_time now = monotonic_time{} + 1h;
  host_address v4 = parse_target("192.0.2.1").address;
  host_address v6 = parse_target("2001:db8::1").address;
  std::uint32_t next_slot = 0;

  kind ask(target_index who, const host_address& address) {
    return table.ask(address, who, now).what;
  }
  kind ask(target_index who) { return ask(who, v4); }

  /// A probe of `who` that must be one of its own, from its beginning to its end.
  void probe(target_index who, const std::string& detail, const host_address& address) {
    const auto decision = table.ask(address, who, now);
    CAF_REQUIRE(decision.what == kind::probe);
    const probe_key key{next_slot++, 7};
    table.began(decision.record, key, now);
    probe_outcome outcome;
    outcome.detail = detail;
    table.ended(decision.record, key, outcome);
  }
  void probe(target_index who, const std::string& detail) { probe(who, detail, v4); }

  std::string copied(target_index who, const host_address& address) {
    const auto decision = table.ask(address, who, now);
    CAF_REQUIRE(decision.what == kind::copy);
    return decision.outcome->detail;
  }
  std::string copied(target_index who) { return copied(who, v4); }

  /// Two targets of one address, with 1 as its owner and an outcome "first".
  void make_shared(const host_address& address) {
    probe(2, "unseen", address);
    probe(1, "first", address);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(share_table_tests, share_fixture)

CAF_TEST(a target alone with its address always probes and needs no record) {
  for (int i = 0; i < 10; ++i) {
    probe(1, "x");
    now += 15s;
  }
  CAF_CHECK_EQUAL(table.size(), 1U);
  CAF_CHECK_EQUAL(table.shared(), 0U);
}

CAF_TEST(the second target of an address gets what the first measured) {
  for (const auto& address : {v4, v6}) {
    make_shared(address);
    now += 6s;
    CAF_CHECK_EQUAL(copied(2, address), "first");
    CAF_CHECK_EQUAL(copied(3, address), "first");
    now += 9s;
    probe(1, "second", address);
    now += 6s;
    CAF_CHECK_EQUAL(copied(2, address), "second");
  }
  CAF_CHECK_EQUAL(table.shared(), 2U);
}

CAF_TEST(a probe that runs is joined) {
  make_shared(v4);
  now += 15s;
  const auto first = table.ask(v4, 1, now);
  CAF_REQUIRE(first.what == kind::probe);
  const probe_key key{40, 2};
  table.began(first.record, key, now);
  now += 1s;
  const auto decision = table.ask(v4, 2, now);
  CAF_CHECK(decision.what == kind::join);
  CAF_CHECK(decision.running == key);
  table.ended(first.record, {40, 3}, probe_outcome{});
  CAF_CHECK(ask(2) == kind::join);
  table.ended(first.record, key, probe_outcome{});
  CAF_CHECK(ask(2) == kind::copy);
}

CAF_TEST(who asks after a period without a probe becomes the owner) {
  make_shared(v4);
  now += 15s;
  probe(2, "by the second");
  now += 1s;
  CAF_CHECK_EQUAL(copied(1), "by the second");
  now += 14s;
  probe(2, "again");
}

CAF_TEST(an address that went back to one target has no record any more) {
  make_shared(v4);
  now += 1s;
  CAF_CHECK(ask(2) == kind::copy);
  for (int i = 0; i < 6; ++i) {
    CAF_CHECK_EQUAL(table.shared(), 1U);
    now += 15s;
    probe(1, "x");
    if (table.shared() == 0) {
      break;
    }
  }
  CAF_CHECK_EQUAL(table.shared(), 0U);
  // The record is used again, with nothing of its former address in it.
  probe(5, "a", v6);
  CAF_CHECK(ask(6, v6) == kind::probe);
}

CAF_TEST(addresses nobody asks for any more are dropped) {
  const auto numbered = [](std::uint32_t i) {
    return parse_target("10." + std::to_string(i >> 16) + "." + std::to_string((i >> 8) & 255) +
                        "." + std::to_string(i & 255))
        .address;
  };
  for (std::uint32_t i = 1; i <= 1024; ++i) {
    ask(i, numbered(i));
  }
  make_shared(v6);
  now += 75s;
  for (std::uint32_t i = 2001; i <= 4000; ++i) {
    ask(i, numbered(i));
  }
  CAF_CHECK_EQUAL(table.size(), 2000U);
  CAF_CHECK_EQUAL(table.shared(), 0U);
}

CAF_TEST(a million addresses stay in the table while they are asked for) {
  for (int round = 0; round < 2; ++round) {
    for (std::uint32_t i = 0; i < 1'000'000; ++i) {
      const std::array<std::uint8_t, 4> bytes{
          static_cast<std::uint8_t>(i >> 24 | 10), static_cast<std::uint8_t>(i >> 16),
          static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)};
      if (ask(i, ip4_address(bytes.data())) != kind::probe) {
        CAF_FAIL("target " << i << " alone has its address");
      }
    }
    CAF_CHECK_EQUAL(table.size(), 1'000'000U);
    now += 15s;
  }
  CAF_CHECK_EQUAL(table.shared(), 0U);
}

CAF_TEST(a period of zero shares nothing) {
  share_table off{0s};
  const auto decision = off.ask(v4, 1, now);
  CAF_CHECK(decision.what == kind::probe);
  off.began(decision.record, {1, 1}, now);
  off.ended(decision.record, {1, 1}, {});
  CAF_CHECK(off.ask(v4, 2, now).what == kind::probe);
  CAF_CHECK_EQUAL(off.size(), 0U);
}

CAF_TEST(link local addresses of two interfaces are two addresses) {
  auto other = parse_target("fe80::1%1").address;
  auto one = other;
  one.scope = 1;
  other.scope = 2;
  make_shared(one);
  CAF_CHECK(ask(2, one) == kind::copy);
  CAF_CHECK(ask(2, other) == kind::probe);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace share_table_suite
