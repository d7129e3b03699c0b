#define CAF_SUITE waiting_probes

#include "xprober/probes/stream/waiting_probes.hpp"

#include "xprober/domain/kind_table.hpp"

#include "caf/test/unit_test.hpp"

namespace waiting_probes_suite {

using namespace xprober;
using namespace xprober::stream;
using namespace std::chrono_literals;

namespace {

target_ref target(const std::string& address) {
  return new_counted<const target_spec>(target_spec{{"", address, kinds::tcp()}, 0});
}

struct fixture {
  std::vector<probe_error> ended; ///< before those who tell it
  waiting_probes waiting;
  places seats{4, 1s};
  monotonic_time now = monotonic_clock::now();

  job work(const std::string& address) {
    return {probe_request{target(address), now},
            [this](probe_outcome&& outcome) { ended.push_back(outcome.error); }};
  }
  std::string next() {
    auto got = waiting.pop(seats);
    return got ? got->item.request().target->uid.address : "";
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(waiting_probes_tests, fixture)

CAF_TEST(probes come in the order they came) {
  waiting.push(work("a"), now);
  waiting.push(work("b"), now);
  CAF_CHECK_EQUAL(waiting.size(), 2u);
  CAF_CHECK_EQUAL(next(), "a");
  CAF_CHECK_EQUAL(next(), "b");
  CAF_CHECK_EQUAL(next(), "");
}

CAF_TEST(those of slow targets wait apart) {
  waiting.note(*target("slow"), pace::slow, now);
  waiting.push(work("slow"), now);
  waiting.push(work("quick"), now);
  CAF_CHECK_EQUAL(waiting.slow(), 1u);
  CAF_CHECK_EQUAL(waiting.quick(), 1u);
  // With every place but the reserve of the quick ones taken only a quick one may begin.
  for (int i = 0; i < 3; ++i) {
    seats.take(pace::slow, now, nullptr);
  }
  auto got = waiting.pop(seats);
  CAF_REQUIRE(got);
  CAF_CHECK(got->as == pace::quick);
  CAF_CHECK_EQUAL(next(), "");
}

CAF_TEST(one that gave its place back is counted until it begins again) {
  auto item = work("a");
  item.begin();
  waiting.push_yielded(std::move(item), now);
  CAF_CHECK_EQUAL(waiting.begun(), 1u);
  CAF_CHECK_EQUAL(waiting.slow(), 1u);
  auto got = waiting.pop(seats);
  CAF_REQUIRE(got);
  CAF_CHECK(got->item.begun());
  CAF_CHECK_EQUAL(waiting.begun(), 0u);
  // Its target is known as slow from now on.
  waiting.push(work("a"), now);
  CAF_CHECK_EQUAL(waiting.slow(), 1u);
}

CAF_TEST(all can be taken and what is dropped is answered) {
  waiting.note(*target("slow"), pace::slow, now);
  waiting.push(work("slow"), now);
  waiting.push(work("a"), now);
  auto all = waiting.take_all();
  CAF_REQUIRE_EQUAL(all.size(), 2u);
  CAF_CHECK(ended.empty());
  all.front().answer({});
  all.clear();
  CAF_CHECK((ended == std::vector<probe_error>{probe_error::none, probe_error::shutdown}));
  CAF_CHECK_EQUAL(waiting.size(), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace waiting_probes_suite
