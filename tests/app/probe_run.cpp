#define CAF_SUITE probe_run

#include "xprober/app/probe_run.hpp"

#include <vector>

#include "xprober/domain/kind_table.hpp"

#include "support/fake_engine.hpp"
#include "support/samples.hpp"

#include "caf/test/unit_test.hpp"

namespace probe_run_suite {

using namespace xprober;
using namespace xprober::app;

namespace {

/// Ends each probe at once, the first `spoilt` ones by the prober's own overload.
class hasty_engine : public fake_engine {
public:
  explicit hasty_engine(std::size_t spoilt) : spoilt_(spoilt) {}

  void start(probe_request request, probe_completion done) override {
    const bool spoil = probes.size() < spoilt_;
    fake_engine::start(std::move(request), nullptr);
    done(spoil ? samples::failure(probe_error::local_overload, "stood still")
               : samples::success(1));
  }

private:
  std::size_t spoilt_;
};

probe_run::options three_attempts() {
  probe_run::options how;
  how.kind = &kinds::http();
  how.attempts = 3;
  return how;
}

} // namespace

CAF_TEST(what the own overload has spoilt is probed again) {
  hasty_engine engine{2};
  std::vector<std::size_t> shown;
  probe_run run{engine,
                {"http://a.test/", "http://b.test/"},
                three_attempts(),
                [&](std::size_t place, const probe_outcome&) {
                  shown.push_back(place);
                  return true;
                }};
  const auto outcomes = run.run();
  CAF_REQUIRE_EQUAL(outcomes.size(), 2u);
  CAF_CHECK(outcomes[0].success);
  CAF_CHECK(outcomes[1].success);
  CAF_CHECK((shown == std::vector<std::size_t>{0, 1}));
  CAF_CHECK_EQUAL(engine.probes.size(), 4u);
  CAF_CHECK_EQUAL(engine.probes[2].request.target->uid.address, "http://a.test/");
}

CAF_TEST(a prober that is overloaded all the time says so) {
  hasty_engine engine{100};
  probe_run run{engine, {"http://a.test/"}, three_attempts(), nullptr};
  const auto outcomes = run.run();
  CAF_REQUIRE_EQUAL(outcomes.size(), 1u);
  CAF_CHECK(outcomes[0].error == probe_error::local_overload);
  CAF_CHECK_EQUAL(engine.probes.size(), 3u);
}

} // namespace probe_run_suite
