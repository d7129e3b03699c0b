#define CAF_SUITE history_register

#include "xprober/storage/history_register.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include "caf/test/dsl.hpp"

namespace history_register_suite {

using namespace xprober;
using storage::history_register;

namespace {

constexpr std::uint64_t many = 1000;

history_key pair(std::string source, std::string other, std::string phases = {}) {
  return {{"icmp", result_group::pair, std::move(source), std::move(other)}, std::move(phases)};
}

history_key target(std::string source, std::string uid) {
  return {{"icmp", result_group::pair, std::move(source), std::move(uid), true}, {}};
}

struct fixture {
  history_register subject;

  std::uint32_t add(const history_key& key, const std::string& agent = "a") {
    const auto number = subject.number(key, agent, many);
    CAF_REQUIRE(number);
    return *number;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(history_register_tests, fixture)

CAF_TEST(a series keeps its number and no other gets it) {
  const auto first = add(pair("us", "eu"));
  const auto second = add(pair("us", "cn"));
  CAF_CHECK(first != second);
  CAF_CHECK_EQUAL(add(pair("us", "eu")), first);
  CAF_CHECK_EQUAL(subject.size(), 2U);
  subject.erase(pair("us", "cn"));
  CAF_CHECK_EQUAL(subject.size(), 1U);
  CAF_CHECK(add(pair("us", "cn")) != second);
}

CAF_TEST(series beyond the limit are none and single targets count apart) {
  CAF_CHECK(subject.number(pair("us", "eu"), "a", 1));
  CAF_CHECK(!subject.number(pair("us", "cn"), "a", 1));
  CAF_CHECK(subject.number(target("us", "01"), "a", 1));
  CAF_CHECK(!subject.number(target("us", "02"), "a", 1));
  CAF_CHECK(subject.number(pair("us", "eu"), "a", 1)); // it is there
  subject.erase(target("us", "01"));
  CAF_CHECK(subject.number(target("us", "02"), "a", 1));
  CAF_CHECK_EQUAL(subject.size(), 1U);
}

CAF_TEST(a subject is found with all its phases and the newest first) {
  const auto old = add(pair("us", "eu", "connect"));
  const auto fresh = add(pair("us", "eu", "dns,connect"));
  const auto found = subject.find(pair("us", "eu").subject);
  CAF_REQUIRE_EQUAL(found.size(), 2U);
  CAF_CHECK_EQUAL(found[0].number, fresh);
  CAF_CHECK_EQUAL(found[1].number, old);
  CAF_CHECK_EQUAL(found[1].phases, "connect");
}

CAF_TEST(a single target is found from all sources or one) {
  add(target("us", "01"));
  add(target("asia", "01"));
  add(target("us", "02"));
  add(pair("us", "01"));
  const auto all = subject.find_target("01", "");
  CAF_REQUIRE_EQUAL(all.size(), 2U);
  CAF_CHECK_EQUAL(all[0].subject.source_region, "asia");
  CAF_CHECK_EQUAL(subject.find_target("01", "us").size(), 1U);
}

CAF_TEST(pairs are found by either region and no more than asked for) {
  add(pair("us", "eu"));
  add(pair("us", "cn"));
  add(pair("asia", "eu"));
  add(target("us", "eu"));
  const auto count = [&](std::string source, std::string other, std::size_t most = 10) {
    return subject.find_pairs(pair(std::move(source), std::move(other)).subject, most).size();
  };
  CAF_CHECK_EQUAL(count("", ""), 3U);
  CAF_CHECK_EQUAL(count("us", ""), 2U);
  CAF_CHECK_EQUAL(count("", "eu"), 2U);
  CAF_CHECK_EQUAL(count("us", "eu"), 1U);
  CAF_CHECK_EQUAL(count("", "", 2), 2U);
}

CAF_TEST(who is known from a file goes on behind the highest number) {
  history_register::entries known;
  known[pair("us", "eu")] = {7, 100, true, "a"};
  known[target("us", "01")] = {9, 100, true, ""};
  subject = history_register{known};
  CAF_CHECK_EQUAL(subject.size(), 1U);
  CAF_CHECK_EQUAL(add(pair("us", "cn")), 10U);
  CAF_CHECK(!subject.number(target("us", "02"), "a", 1));
}

CAF_TEST(what changes is to be written) {
  history_register::entries known;
  known[pair("us", "eu")] = {7, 100, true, ""};
  subject = history_register{known};
  add(pair("us", "eu"), "b"); // the file does not say who has brought it
  const auto& one = subject.all().at(pair("us", "eu"));
  CAF_CHECK_EQUAL(one.agent, "b");
  CAF_CHECK(!one.written);
  subject.set_written(true);
  CAF_CHECK(one.written);
  CAF_CHECK_EQUAL(one.last, 100);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace history_register_suite
