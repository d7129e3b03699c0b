#define CAF_SUITE engine_set

#include "xprober/app/engine_set.hpp"

#include <memory>
#include <string>
#include <vector>

#include "support/fake_engine.hpp"
#include "support/toy_kinds.hpp"

#include "caf/test/unit_test.hpp"

namespace engine_set_suite {

using namespace xprober;
using namespace xprober::app;

namespace {

/// Two engines of kinds that the program does not have; the test sees what becomes of them.
struct fixture {
  prober_entry entry(const probe_kind& kind, const kind_presenter& presenter) {
    return {&kind, &presenter, [this](const engine_setup& setup) {
              CAF_CHECK(setup.config != nullptr);
              auto engine = std::make_unique<fake_engine>();
              made.push_back(engine.get());
              return engine;
            }};
  }

  kind_presenter first{samples::toy()};
  kind_presenter second{samples::toy_mesh()};
  std::vector<fake_engine*> made;
  engine_set engines{{entry(samples::toy(), first), entry(samples::toy_mesh(), second)}, {}, {}};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(engine_set_tests, fixture)

CAF_TEST(every prober has its engine) {
  const auto table = engines.table();
  CAF_REQUIRE_EQUAL(made.size(), 2U);
  CAF_CHECK(table.find(samples::toy()) == made[0]);
  CAF_CHECK(table.find(samples::toy_mesh()) == made[1]);
  CAF_CHECK(table.find_kind("toy_mesh") == &samples::toy_mesh());
  CAF_CHECK(table.find_kind("tyo") == nullptr);
}

CAF_TEST(new settings count once all engines have taken them) {
  CAF_CHECK_EQUAL(engines.prepare({}), "");
  CAF_CHECK_EQUAL(made[0]->commits + made[1]->commits, 0);
  engines.commit();
  CAF_CHECK_EQUAL(made[0]->commits, 1);
  CAF_CHECK_EQUAL(made[1]->commits, 1);
}

CAF_TEST(what one engine refuses no engine gets) {
  made[1]->refuses = "toy_mesh.size: too large";
  CAF_CHECK_EQUAL(engines.prepare({}), "toy_mesh.size: too large");
  CAF_CHECK_EQUAL(made[0]->commits, 0);
}

CAF_TEST(all are drained before it is said) {
  int drained = 0;
  engines.drain([&] { ++drained; });
  CAF_CHECK_EQUAL(drained, 1);
  engines.stop();
  CAF_CHECK(made[0]->stopped);
  CAF_CHECK(made[1]->stopped);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace engine_set_suite
