#define CAF_SUITE store_names

#include "xprober/store/store_names.hpp"

#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/target.hpp"

#include "caf/test/dsl.hpp"

namespace store_names_suite {

using namespace xprober;

namespace {

const wire_value series{"10.9.0.1", {}, "10.0.0.1", "us", "eu", "icmp", 0, 0};

} // namespace

CAF_TEST(who has a row is found and goes with the last one) {
  store_names names;
  CAF_CHECK_EQUAL(names.find_agent(series), no_slot);
  CAF_CHECK_EQUAL(names.find_target(series), no_slot);
  const auto first = names.add_row(series, no_slot);
  CAF_CHECK_EQUAL(names.find_agent(series), first.agent);
  CAF_CHECK_EQUAL(names.find_target(series), first.target);
  auto of_other = series;
  of_other.worker_name = "10.9.0.2";
  const auto second = names.add_row(of_other, names.find_target(of_other));
  CAF_CHECK_EQUAL(second.target, first.target);
  CAF_CHECK(second.agent != first.agent);
  CAF_CHECK_EQUAL(names.targets.rows(first.target), 2U);
  names.remove_row(first);
  CAF_CHECK_EQUAL(names.find_agent(series), no_slot);
  CAF_CHECK_EQUAL(names.find_target(series), first.target);
  names.remove_row(second);
  CAF_CHECK_EQUAL(names.targets.size(), 0U);
  CAF_CHECK_EQUAL(names.texts.size(), 0U);
}

CAF_TEST(a row has its place among the aggregates and its target a hash) {
  store_names names;
  const auto of = names.add_row(series, no_slot);
  const auto place = names.place_of(of.agent, of.target);
  CAF_CHECK_EQUAL(names.texts[place.source_region], "us");
  CAF_CHECK_EQUAL(names.texts[place.target_region], "eu");
  CAF_CHECK_EQUAL(names.texts[place.address], "10.0.0.1");
  CAF_CHECK_EQUAL(names.uid_hash(of.target), stable_hash({"eu", "10.0.0.1", kinds::icmp()}));
}

} // namespace store_names_suite
