#define CAF_SUITE store_agents

#include "xprober/store/store_agents.hpp"

#include "caf/test/dsl.hpp"

namespace store_agents_suite {

using namespace xprober;

CAF_TEST(an agent goes with its last row and its names with it) {
  store_texts texts;
  store_agents agents;
  CAF_CHECK_EQUAL(agents.find(texts, "eu", "10.0.0.1"), no_slot);
  const auto one = agents.add(texts, "eu", "10.0.0.1");
  const auto two = agents.add(texts, "eu", "10.0.0.2");
  agents.add_row(one);
  agents.add_row(one);
  agents.add_row(two);
  CAF_CHECK_EQUAL(agents.find(texts, "eu", "10.0.0.1"), one);
  CAF_CHECK_EQUAL(texts[agents[two].address], "10.0.0.2");
  agents.remove_row(texts, one);
  CAF_CHECK_EQUAL(agents.find(texts, "eu", "10.0.0.1"), one);
  agents.remove_row(texts, one);
  CAF_CHECK_EQUAL(agents.find(texts, "eu", "10.0.0.1"), no_slot);
  CAF_CHECK_EQUAL(agents.size(), 1U);
  agents.remove_row(texts, two);
  CAF_CHECK_EQUAL(texts.size(), 0U);
}

CAF_TEST(who was found last is not taken for who has its number now) {
  store_texts texts;
  store_agents agents;
  const auto one = agents.add(texts, "eu", "10.0.0.1");
  agents.add_row(one);
  CAF_CHECK_EQUAL(agents.find(texts, "eu", "10.0.0.1"), one);
  CAF_CHECK_EQUAL(agents.find(texts, "us", "10.0.0.1"), no_slot);
  CAF_CHECK_EQUAL(agents.find(texts, "eu", "10.0.0.1"), one);
  agents.remove_row(texts, one);
  CAF_CHECK_EQUAL(agents.find(texts, "eu", "10.0.0.1"), no_slot);
  const auto two = agents.add(texts, "us", "10.0.0.1");
  agents.add_row(two);
  CAF_CHECK_EQUAL(two, one); // the number is used again
  CAF_CHECK_EQUAL(agents.find(texts, "eu", "10.0.0.1"), no_slot);
  CAF_CHECK_EQUAL(agents.find(texts, "us", "10.0.0.1"), two);
}

CAF_TEST(agents of a region are found together) {
  store_texts texts;
  store_agents agents;
  const auto one = agents.add(texts, "eu", "10.0.0.1");
  const auto two = agents.add(texts, "eu", "10.0.0.2");
  const auto other = agents.add(texts, "us", "10.0.0.1");
  for (const auto agent : {one, two, other}) {
    agents.add_row(agent);
  }
  const auto eu = texts.find("eu");
  CAF_CHECK_EQUAL(agents.of_region(eu).size(), 2U);
  CAF_CHECK_EQUAL(agents.of_region(texts.find("us")).size(), 1U);
  agents.remove_row(texts, one);
  CAF_REQUIRE_EQUAL(agents.of_region(eu).size(), 1U);
  CAF_CHECK_EQUAL(agents.of_region(eu)[0], two);
  agents.remove_row(texts, two);
  CAF_CHECK(agents.of_region(eu).empty());
}

} // namespace store_agents_suite
