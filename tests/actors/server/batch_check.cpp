#define CAF_SUITE batch_check

#include "xprober/actors/server/batch_check.hpp"

#include <string>
#include <vector>

#include "support/samples.hpp"
#include "support/toy_kinds.hpp"

#include "caf/test/unit_test.hpp"

namespace batch_check_suite {

using namespace xprober;

namespace {

/// A batch of so many results of as many targets.
std::string batch(std::size_t results) {
  batch_encoder encoder{{"cn-south", "10.1.1.1"}};
  for (std::size_t i = 0; i < results; ++i) {
    encoder.add(*samples::result(
        samples::target(static_cast<target_index>(i), "10.0.0." + std::to_string(i))));
  }
  return encoder.finish({}, 1, 0);
}

batch_findings check(const std::string& bytes, std::string& body) {
  batch_header header;
  CAF_REQUIRE_EQUAL(read_batch_header(bytes, header), "");
  return check_batch(bytes, header, body);
}

} // namespace

CAF_TEST(a whole batch is taken whole) {
  std::string body;
  const auto found = check(batch(3), body);
  CAF_CHECK((found.verdict == storage::verdict{3, 0}));
  CAF_CHECK_EQUAL(found.values, 9u);
  CAF_CHECK_EQUAL(found.agent.region, "cn-south");
  CAF_CHECK_EQUAL(found.agent.local_ip, "10.1.1.1");
  CAF_CHECK(found.errors.empty());
  CAF_CHECK(!body.empty());
}

CAF_TEST(what cannot be unpacked has no row that can be used) {
  auto bytes = batch(3);
  bytes.resize(bytes.size() - 5);
  std::string body;
  const auto found = check(bytes, body);
  CAF_CHECK((found.verdict == storage::verdict{0, 3}));
  CAF_CHECK_EQUAL(found.errors.size(), 1u);
}

CAF_TEST(a body without room for its rows is not unpacked) {
  batch_header header;
  const auto bytes = batch(3);
  CAF_REQUIRE_EQUAL(read_batch_header(bytes, header), "");
  const auto room = static_cast<std::uint32_t>(batch_body_size(bytes).value() / least_row_bytes);
  header.rows = room + 1;
  std::string body;
  const auto found = check_batch(bytes, header, body);
  CAF_CHECK((found.verdict == storage::verdict{0, room}));
  CAF_CHECK_EQUAL(found.errors.at(0),
                  "the body is too short for " + std::to_string(room + 1) + " rows");
  CAF_CHECK(body.empty());
}

CAF_TEST(who has to wait is told so before a large batch is unpacked) {
  auto bytes = batch(3);
  batch_header header;
  CAF_REQUIRE_EQUAL(read_batch_header(bytes, header), "");
  std::string body;
  CAF_REQUIRE_EQUAL(read_batch_body(bytes, body), "");
  bytes = pack_batch(header, body + std::string(1'000'000, 'x'));
  body.clear();
  batch_rules rules;
  rules.why_wait = [](const agent_identity& agent) {
    return "not now, " + agent.region + " " + agent.local_ip;
  };
  rules.why_later = [](const agent_identity&, std::uint64_t) { return "not now either"; };
  const auto found = check_batch(bytes, header, body, rules);
  CAF_CHECK_EQUAL(found.later, "not now, cn-south 10.1.1.1");
  CAF_CHECK(body.empty());
  // A small one is unpacked, and its agent asked for once.
  CAF_CHECK_EQUAL(check_batch(batch(3), header, body, rules).later, "not now either");

  const agent_grant other{"token", {"eu"}, {}};
  rules.grant = &other;
  CAF_CHECK(!check_batch(bytes, header, body, rules).foreign.empty());
}

CAF_TEST(rows that the store refuses are rejected with their reason) {
  const auto of_another_kind = samples::target_of(0, "a:1", samples::misnamed_type());
  const auto good = samples::target_of(1, "b:1", samples::toy());
  const auto unclean_region = samples::target_of(2, "c:1", samples::toy(), "a\nb");
  const auto unclean_address = samples::target_of(3, "\xFF", samples::toy());
  batch_encoder encoder{{"cn-south", "10.1.1.1"}};
  for (const auto& target :
       {of_another_kind, good, unclean_region, of_another_kind, unclean_address, good}) {
    encoder.add(*samples::result(target, samples::toy_success(1, 2, 3)));
  }
  std::string body;
  const auto found = check(samples::misnamed(encoder.finish({}, 1, 0)), body);
  CAF_CHECK((found.verdict == storage::verdict{2, 4}));
  CAF_CHECK_EQUAL(found.values, 8u);
  const std::string form = "target a:1: the rows of a target do not have the form of its type";
  CAF_CHECK(
      (found.errors ==
       std::vector<std::string>{form, "target c:1: targetRegion is too long or no clean text", form,
                                "target 4: targetAddr is empty, too long or no clean text"}));
}

CAF_TEST(an agent whose name is not clean has no row that can be used) {
  batch_encoder encoder{{"cn-south", "10.1.1.1\r"}};
  encoder.add(*samples::result(samples::target(0, "10.0.0.1")));
  std::string body;
  const auto found = check(encoder.finish({}, 1, 0), body);
  CAF_CHECK((found.verdict == storage::verdict{0, 1}));
  CAF_CHECK_EQUAL(found.values, 0u);
}

CAF_TEST(a batch of another agent than its sender speaks for is not looked at) {
  const agent_grant own{"a token", {"cn-south"}, {}};
  const agent_grant other{"a token", {"eu"}, {}};
  const auto bytes = batch(3);
  batch_header header;
  CAF_REQUIRE_EQUAL(read_batch_header(bytes, header), "");
  std::string body;
  batch_rules rules;
  rules.grant = &own;
  auto found = check_batch(bytes, header, body, rules);
  CAF_CHECK_EQUAL(found.foreign, "");
  CAF_CHECK_EQUAL(found.verdict.accepted, 3u);
  rules.grant = &other;
  found = check_batch(bytes, header, body, rules);
  CAF_CHECK(found.foreign.find("does not speak for the region 'cn-south'") != std::string::npos);
  CAF_CHECK_EQUAL(found.verdict.accepted, 0u);
}

CAF_TEST(a header cannot claim more rows than a batch can have) {
  auto bytes = batch(3);
  batch_header header;
  CAF_REQUIRE_EQUAL(read_batch_header(bytes, header), "");
  header.rows = 0xFFFFFFFF;
  std::string body;
  auto found = check_batch(bytes, header, body);
  CAF_CHECK_EQUAL(found.verdict.accepted, 0u);
  const auto room = batch_body_size(bytes).value() / least_row_bytes;
  CAF_CHECK_EQUAL(found.verdict.rejected, room);
  CAF_CHECK_EQUAL(found.agent.local_ip, "10.1.1.1");
  bytes.resize(bytes.size() - 5);
  found = check_batch(bytes, header, body);
  CAF_CHECK_EQUAL(found.verdict.accepted, 0u);
  CAF_CHECK_EQUAL(found.verdict.rejected, room);
  bytes.resize(batch_header_bytes);
  CAF_CHECK_EQUAL(check_batch(bytes, header, body).verdict.rejected, max_batch_rows);
}

CAF_TEST(rows that are missing are told and counted) {
  auto bytes = batch(3);
  batch_header header;
  CAF_REQUIRE_EQUAL(read_batch_header(bytes, header), "");
  header.rows = 10;
  std::string body;
  const auto found = check_batch(bytes, header, body);
  CAF_CHECK_EQUAL(found.verdict.accepted, 3u);
  CAF_CHECK_EQUAL(found.verdict.rejected, 7u);
  CAF_CHECK(!found.errors.empty());
  CAF_CHECK(found.errors.size() <= 5u);
}

CAF_TEST(rules leave out rows of targets and put times right) {
  constexpr std::int64_t noon = 1'767'268'800'000;
  batch_encoder encoder{{"cn-south", "10.1.1.1"}};
  for (int i = 0; i < 4; ++i) {
    auto outcome = samples::success();
    outcome.started = wall_time{milliseconds{noon + (i == 2 ? 50'000'000'000 : 0)}};
    encoder.add(*samples::result(
        samples::target(static_cast<target_index>(i), "10.0.0." + std::to_string(i)), outcome));
  }
  const auto bytes = encoder.finish({}, 1, noon);
  batch_header header;
  CAF_REQUIRE_EQUAL(read_batch_header(bytes, header), "");
  std::vector<std::string> asked;
  batch_rules rules;
  rules.clock = [](const agent_identity& agent) {
    CAF_CHECK_EQUAL(agent.local_ip, "10.1.1.1");
    return row_clock{noon + 1000, 0};
  };
  rules.fate_of = [&](const agent_identity&, const batch_target& target) {
    asked.emplace_back(target.address);
    return target.address == "10.0.0.1" ? row_fate::not_in_list : row_fate::taken;
  };
  std::string body;
  const auto found = check_batch(bytes, header, body, rules);
  CAF_CHECK((found.verdict == storage::verdict{3, 1}));
  CAF_CHECK_EQUAL(found.values, 9u);
  CAF_CHECK_EQUAL(found.misdated, 1u);
  CAF_CHECK_EQUAL(found.newest_ms, noon); // what is misdated has no time
  CAF_CHECK_EQUAL(found.fates[static_cast<std::size_t>(row_fate::not_in_list)], 1u);
  CAF_REQUIRE_EQUAL(found.errors.size(), 1u);
  CAF_CHECK(found.errors[0].find("target 10.0.0.1: it is not in the list") == 0);
  CAF_CHECK_EQUAL(asked.size(), 4u);
  CAF_CHECK(found.rewritten);
  CAF_CHECK_EQUAL(found.rows, 3u);
  batch_parser rows{body, found.rows};
  batch_row row;
  std::vector<std::string> kept;
  while (rows.next(row) == batch_parser::step::row) {
    kept.emplace_back(rows.target(row.target).address);
    CAF_CHECK(row.unix_ms == noon + (row.target == 2 ? 1000 : 0));
  }
  CAF_CHECK((kept == std::vector<std::string>{"10.0.0.0", "10.0.0.2", "10.0.0.3"}));
  CAF_MESSAGE("packed again it is a batch with the same number");
  auto other = header;
  other.rows = found.rows;
  const auto packed = pack_batch(other, body);
  batch_header again;
  CAF_REQUIRE_EQUAL(read_batch_header(packed, again), "");
  CAF_CHECK((again == other));
}

CAF_TEST(a batch that is to come later is not read) {
  const auto bytes = batch(3);
  batch_header header;
  CAF_REQUIRE_EQUAL(read_batch_header(bytes, header), "");
  batch_rules rules;
  rules.why_later = [](const agent_identity&, std::uint64_t rows) {
    CAF_CHECK_EQUAL(rows, 3u);
    return std::string{"too fast"};
  };
  rules.clock = [](const agent_identity&) {
    CAF_FAIL("nothing of it is looked at");
    return row_clock{0, 0};
  };
  std::string body;
  const auto found = check_batch(bytes, header, body, rules);
  CAF_CHECK_EQUAL(found.later, "too fast");
  CAF_CHECK((found.verdict == storage::verdict{0, 0}));
}

} // namespace batch_check_suite
