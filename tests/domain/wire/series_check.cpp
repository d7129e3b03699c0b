#define CAF_SUITE series_check

#include "xprober/domain/wire/series_check.hpp"

#include <string>
#include <vector>

#include "support/samples.hpp"
#include "support/toy_kinds.hpp"

#include "caf/test/unit_test.hpp"

namespace series_check_suite {

using namespace xprober;

namespace {

/// A batch of one row for each target.
std::string body_of(const std::vector<target_ref>& targets, const agent_identity& agent) {
  batch_encoder encoder{agent};
  for (const auto& target : targets) {
    encoder.add(*samples::result(target, samples::toy_success(1, 2, 3)));
  }
  return encoder.finish_body();
}

/// What is wrong with a target as with values in the old form, and with its kind.
std::string_view judged_alone(const batch_parser& batch, std::uint32_t number) {
  const auto target = batch.target(number);
  wire_value value;
  value.worker_name = batch.worker_name();
  value.source_region = batch.source_region();
  value.target_region = target.region;
  value.target_addr = target.address;
  value.probe_type = target.type;
  const auto why = check_series(value);
  return why.empty() ? check_kind(target.type, *target.kind) : why;
}

} // namespace

CAF_TEST(targets of a batch are judged as their values in the old form) {
  const auto& toy = samples::toy();
  const std::vector<target_ref> targets{
      samples::target_of(0, "a:1", toy),
      samples::target_of(1, "a\x7f", toy),
      samples::target_of(2, "b:1", toy),
      samples::target_of(3, "b:1", toy, "r\n"),
      samples::target_of(4, "c:1", toy, "r\n"),
      samples::target_of(5, "c:1", toy, std::string(257, 'r')),
      samples::target_of(6, "c:1", samples::misnamed_type()),
      samples::target_of(7, "c:1", prober_name{"no name", &toy}),
      samples::target_of(8, std::string(2049, 'x'), toy),
      samples::target_of(9, "", toy),
      samples::target_of(10, "d:1", toy),
  };
  const auto body = samples::misnamed(body_of(targets, {"us", "10.1.1.1"}));
  const batch_parser batch{body, static_cast<std::uint32_t>(targets.size())};
  CAF_REQUIRE_EQUAL(batch.problem(), "");
  batch_judge judge{batch};
  std::size_t good = 0;
  for (int round = 0; round < 2; ++round) {
    for (std::uint32_t i = 0; i < batch.targets(); ++i) {
      CAF_MESSAGE("target " << i);
      const auto why = judge.why_not(i);
      CAF_CHECK_EQUAL(why, judged_alone(batch, i));
      good += why.empty() ? 1 : 0;
    }
  }
  CAF_CHECK_EQUAL(good, 6u);
}

CAF_TEST(nothing of an agent without a clean name and region is taken) {
  const std::vector<target_ref> targets{samples::target_of(0, "a:1", samples::toy())};
  for (const auto& agent :
       {agent_identity{"", "10.1.1.1"}, agent_identity{"us\n", "10.1.1.1"},
        agent_identity{"us", "\xFF"}, agent_identity{"us", std::string(257, 'a')}}) {
    const auto body = body_of(targets, agent);
    const batch_parser batch{body, 1};
    batch_judge judge{batch};
    CAF_CHECK(!judge.why_not(0).empty());
    CAF_CHECK_EQUAL(judge.why_not(0), judged_alone(batch, 0));
  }
}

} // namespace series_check_suite
