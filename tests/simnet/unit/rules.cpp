#define CAF_SUITE rules

#include "simnet/rules.hpp"

#include "caf/test/unit_test.hpp"

namespace rules_suite {

using namespace simnet;
using namespace std::chrono_literals;

namespace {

/// What parse_config complains of.
std::string complaint(const std::string& text) {
  try {
    parse_config(text);
  } catch (const config_error& error) {
    return error.what();
  }
  return "nothing";
}

std::string complaint_of_rule(const std::string& members) {
  return complaint(R"({"rules": [{"block": "10.0.0.0/8", )" + members + "}]}");
}

bool begins(const std::string& text, const std::string& with) { return text.rfind(with, 0) == 0; }

} // namespace

CAF_TEST(everything_has_a_default) {
  const config c = parse_config(R"({"rules": [{"block": "10.0.0.0/8"}]})");
  CAF_REQUIRE_EQUAL(c.rules.size(), 1u);
  const rule& r = c.rules[0];
  CAF_CHECK_EQUAL(r.delay_us.high, 0);
  CAF_CHECK_EQUAL(r.loss.high, 0);
  CAF_CHECK_EQUAL(r.reply_ttl, 64);
  CAF_CHECK_EQUAL(r.duplicate.probability + r.reorder.probability + r.corrupt.probability +
                      r.wrong_source.probability + r.wrong_id + r.late.probability +
                      r.error.probability,
                  0);
  CAF_CHECK_EQUAL(parse_config("{}").rules.size(), 0u);
}

CAF_TEST(every_key_is_read) {
  const config c = parse_config(R"({"seed": 9, "deck": 50, "samples": 10, "rules": [{
    "block": "10.0.0.0/8", "delay_us": [1000, 300000.5], "jitter_us": 7, "loss": [0, 0.3],
    "reply_ttl": 57, "duplicate": {"probability": 0.1, "gap_us": 2},
    "reorder": {"probability": 0.2, "extra_us": 3},
    "corrupt": {"probability": 0.3, "checksum": "wrong", "offset": 4},
    "wrong_source": {"probability": 0.4, "address": "10.9.9.9"},
    "wrong_id": {"probability": 0.5}, "late": {"probability": 0.6, "after_ms": 1500},
    "error": {"probability": 0.7, "type": 3, "code": 4, "from": "10.0.0.1", "quote": "short",
              "mtu": 1400}}]})");
  CAF_CHECK_EQUAL(c.seed, 9u);
  CAF_CHECK_EQUAL(c.deck, 50u);
  CAF_CHECK_EQUAL(c.samples, 10u);
  const rule& r = c.rules.at(0);
  CAF_CHECK_EQUAL(r.delay_us.low, 1000);
  CAF_CHECK_EQUAL(r.delay_us.at(1), 300000.5);
  CAF_CHECK_EQUAL(r.loss.at(0.5), 0.15);
  CAF_CHECK(r.jitter == 7us);
  CAF_CHECK_EQUAL(r.reply_ttl, 57);
  CAF_CHECK_EQUAL(r.duplicate.probability, 0.1);
  CAF_CHECK(r.duplicate.gap == 2us);
  CAF_CHECK_EQUAL(r.reorder.probability, 0.2);
  CAF_CHECK(r.reorder.extra == 3us);
  CAF_CHECK_EQUAL(r.corrupt.probability, 0.3);
  CAF_CHECK(!r.corrupt.right_checksum);
  CAF_CHECK(r.corrupt.offset == 4u);
  CAF_CHECK_EQUAL(r.wrong_source.probability, 0.4);
  CAF_CHECK_EQUAL(to_string(r.wrong_source.from), "10.9.9.9");
  CAF_CHECK_EQUAL(r.wrong_id, 0.5);
  CAF_CHECK_EQUAL(r.late.probability, 0.6);
  CAF_CHECK(r.late.after == 1500ms);
  CAF_CHECK_EQUAL(r.error.probability, 0.7);
  CAF_CHECK_EQUAL(r.error.type, 3);
  CAF_CHECK_EQUAL(r.error.code, 4);
  CAF_CHECK_EQUAL(to_string(r.error.from), "10.0.0.1");
  CAF_CHECK(!r.error.quote_all);
  CAF_CHECK_EQUAL(r.error.mtu, 1400u);
}

CAF_TEST(an_event_without_a_probability_always_happens) {
  const config c = parse_config(R"({"rules": [{"block": "10.0.0.0/8", "wrong_id": {}}]})");
  CAF_CHECK_EQUAL(c.rules.at(0).wrong_id, 1);
}

CAF_TEST(the_first_rule_that_matches_wins) {
  const config c = parse_config(R"({"rules": [
    {"block": "10.1.0.0/16", "reply_ttl": 1}, {"block": "10.0.0.0/8", "reply_ttl": 2},
    {"block": "10.1.1.0/24", "reply_ttl": 3}, {"block": "fd77::/64", "reply_ttl": 4}]})");
  const auto ttl = [&](const char* a) {
    const rule* r = c.find(*parse_address(a));
    return r == nullptr ? 0 : r->reply_ttl;
  };
  CAF_CHECK_EQUAL(ttl("10.1.1.1"), 1);
  CAF_CHECK_EQUAL(ttl("10.2.1.1"), 2);
  CAF_CHECK_EQUAL(ttl("fd77::9"), 4);
  CAF_CHECK_EQUAL(ttl("11.0.0.1"), 0);
}

CAF_TEST(a_complaint_names_the_place) {
  CAF_CHECK(begins(complaint("{"), "this is not JSON"));
  CAF_CHECK(begins(complaint("[]"), ": an object"));
  CAF_CHECK(begins(complaint(R"({"rule": []})"), "rule: there is no such key"));
  CAF_CHECK(begins(complaint(R"({"deck": 0})"), "deck: a number from"));
  CAF_CHECK(begins(complaint(R"({"deck": 1.5})"), "deck: a whole number"));
  CAF_CHECK(begins(complaint(R"({"rules": {}})"), "rules: a list"));
  CAF_CHECK(begins(complaint(R"({"rules": [{}]})"), "rules[0].block: a CIDR block"));
  CAF_CHECK(begins(complaint_of_rule(R"("los": 1)"), "rules[0].los: there is no such key"));
  CAF_CHECK(begins(complaint_of_rule(R"("loss": 1.1)"), "rules[0].loss: a number from 0"));
  CAF_CHECK(begins(complaint_of_rule(R"("loss": "1")"), "rules[0].loss: a number from 0"));
  CAF_CHECK(begins(complaint_of_rule(R"("delay_us": [2, 1])"), "rules[0].delay_us: the range"));
  CAF_CHECK(begins(complaint_of_rule(R"("delay_us": [2])"), "rules[0].delay_us: a range"));
  CAF_CHECK(begins(complaint_of_rule(R"("reply_ttl": 256)"), "rules[0].reply_ttl: a number"));
  CAF_CHECK(begins(complaint_of_rule(R"("late": 5)"), "rules[0].late: an object"));
  CAF_CHECK(begins(complaint_of_rule(R"("late": {"after": 5})"), "rules[0].late.after: there is"));
  CAF_CHECK(begins(complaint_of_rule(R"("error": {"from": "fd77::1"})"),
                   "rules[0].error.from: an IPv4 address"));
  CAF_CHECK(begins(complaint_of_rule(R"("error": {"from": "10.0.0.1", "quote": "half"})"),
                   "rules[0].error.quote: \"full\" or \"short\""));
  CAF_CHECK(begins(complaint_of_rule(R"("wrong_source": {})"),
                   "rules[0].wrong_source.address: an IPv4 address"));
}

} // namespace rules_suite
