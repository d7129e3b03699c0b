#define CAF_SUITE engine

#include "xprober/probes/stream/engine.hpp"

#include <future>
#include <memory>
#include <thread>

#include "probes/stream/kind_fixture.hpp"
#include "xprober/probes/stream/plan.hpp"
#include "xprober/probes/stream/session.hpp"

#include "caf/test/unit_test.hpp"

namespace engine_suite {

using namespace xprober;
using namespace xprober::stream;

namespace {

/// Ends where it begins.
class short_session final : public session {
public:
  using session::session;

protected:
  task<void> probe() override {
    outcome_.success = true;
    co_return;
  }
  void measured(bool) override {}
};

class short_plan final : public plan {
public:
  std::shared_ptr<session> begin(const services& use, job&& work) const override {
    return std::make_shared<short_session>(use, std::move(work), timeout());
  }
  milliseconds timeout() const noexcept override { return milliseconds{5000}; }
};

std::unique_ptr<probe_engine> make_short(const agent_config& config, engine_options options) {
  engine_kind kind{
      .kind = &kinds::tcp(),
      .make = [](const kind_settings&, const agent_config&) -> plan_ptr {
        return std::make_shared<short_plan>();
      },
      .max_in_flight = [](const kind_settings&) { return 1U; },
      .counters = {},
  };
  return std::make_unique<engine>(std::move(kind), config, std::move(options));
}

struct fixture : stream::test::kind_fixture {
  fixture() : kind_fixture(kinds::tcp(), make_short) {}

  /// So many probes, each started by the completion of the one before; how many have succeeded.
  std::size_t chain(std::size_t count) {
    left_ = count;
    succeeded_ = 0;
    start_one();
    CAF_REQUIRE(done_.get_future().wait_for(std::chrono::seconds{60}) == std::future_status::ready);
    return succeeded_;
  }

private:
  void start_one() {
    auto spec = new_counted<target_spec>(target_spec{{"here", "here:1", probed_with}, 0});
    engine().start({std::move(spec), monotonic_clock::now()}, [this](probe_outcome&& outcome) {
      succeeded_ += outcome.success ? 1U : 0U;
      if (--left_ > 0) {
        start_one();
      } else {
        done_.set_value();
      }
    });
  }

  std::size_t left_ = 0;
  std::size_t succeeded_ = 0;
  std::promise<void> done_;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(engine_tests, fixture)

CAF_TEST(completions that start the next probe do so without end) {
  CAF_CHECK_EQUAL(chain(10'000), 10'000u);
  stop();
  CAF_CHECK_EQUAL(report.probes.started, 10'000u);
  CAF_CHECK_EQUAL(report.probes.finished, 10'000u);
}

CAF_TEST(also where each of them is refused) {
  max_queued = 0;
  CAF_CHECK_EQUAL(chain(20'000), 0u);
  stop();
  CAF_CHECK_EQUAL(report.probes.local_errors, 20'000u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace engine_suite
