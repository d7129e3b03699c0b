#include "xprober/app/service_watchdog.hpp"

#include <chrono>
#include <exception>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>

#include "xprober/actors/health.hpp"
#include "xprober/app/actor_host.hpp"
#include "xprober/base/service_manager.hpp"
#include "xprober/bridge/ask.hpp"

namespace xprober::app {

namespace {

/// As `/-/healthy` waits for the actors.
constexpr std::chrono::milliseconds health_patience{5000};

boost::asio::awaitable<bool> is_healthy(caf::actor gateway, health_actor health) {
  const auto answer = co_await bridge::query<health_report>(std::move(gateway), std::move(health),
                                                            health_patience, get_health_atom_v);
  co_return answer && answer->healthy;
}

} // namespace

void feed_watchdog(main_loop_hooks& hooks, health_question question) {
  if (const auto interval = service_manager::watchdog_interval()) {
    hooks.watch_interval = *interval;
    hooks.watch = [question = std::move(question)] { question(service_manager::alive); };
  }
}

void ask_health(actor_host& host, std::function<void()> well) {
  boost::asio::co_spawn(host.io(), is_healthy(host.gateway(), host.health()),
                        [well = std::move(well)](const std::exception_ptr& failed, bool healthy) {
                          if (!failed && healthy) {
                            well();
                          }
                        });
}

} // namespace xprober::app
