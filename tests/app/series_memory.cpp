#define CAF_SUITE series_memory

#include "xprober/app/series_memory.hpp"

#include <atomic>
#include <memory>

#include "xprober/actors/register_messages.hpp"
#include "xprober/base/log.hpp"
#include "xprober/bridge/error.hpp"

#include "caf/test/unit_test.hpp"

namespace series_memory_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

struct config : caf::actor_system_config {
  config() {
    register_messages(*this);
    bridge::register_errors(*this);
  }
};

/// What a keeper was asked for.
struct asked {
  std::atomic<int> restored{0};
  std::atomic<int> kept{0};
};

series_keeper_actor fake_keeper(caf::actor_system& system, const std::shared_ptr<asked>& told) {
  const auto behave = [](caf::event_based_actor*, const caf::behavior& known) { return known; };
  const caf::behavior handlers{
      [told](restore_atom) {
        ++told->restored;
        return done_atom_v;
      },
      [told](stop_atom) -> caf::result<done_atom> {
        ++told->kept;
        return caf::make_error(caf::sec::runtime_error);
      },
  };
  return caf::actor_cast<series_keeper_actor>(system.spawn(behave, handlers));
}

} // namespace

CAF_TEST(a keeper is asked at the start and at the end and none is none) {
  log::set_level(log::level::off);
  const auto told = std::make_shared<asked>();
  config settings;
  caf::actor_system system{settings};
  {
    const auto keeper = fake_keeper(system, told);
    app::restore_series(system, keeper, 10s);
    CAF_CHECK_EQUAL(told->restored.load(), 1);
    app::keep_series(system, keeper, 10s); // an error is logged, and that is all
    CAF_CHECK_EQUAL(told->kept.load(), 1);
    caf::anon_send_exit(keeper, caf::exit_reason::kill);
  }
  app::restore_series(system, series_keeper_actor{}, 10s);
  app::keep_series(system, series_keeper_actor{}, 10s);
}

} // namespace series_memory_suite
