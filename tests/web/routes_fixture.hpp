#pragma once

// Routes over fake actors, without sockets. Include it after all other headers of the project.

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <caf/all.hpp>

#include "web/sample.hpp"
#include "xprober/actors/actors.hpp"
#include "xprober/actors/register_messages.hpp"
#include "xprober/bridge/gateway.hpp"
#include "xprober/net/router.hpp"
#include "xprober/web/common_routes.hpp"

namespace routes_test {

using namespace xprober;
namespace asio = boost::asio;
namespace http = net::http;

struct config : caf::actor_system_config {
  config() {
    register_messages(*this);
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", 1);
  }
};

/// An actor that knows only `handlers`, seen as one with the whole interface `Handle`: a fake need
/// not follow every message that the real one takes.
template <class Handle>
Handle fake(caf::actor_system& system, caf::behavior handlers) {
  // The handlers go as an argument: spawning a function without any trips over an assertion of the
  // standard library in CAF 0.17.
  const auto behave = [](caf::event_based_actor*, const caf::behavior& known) { return known; };
  return caf::actor_cast<Handle>(system.spawn(behave, handlers));
}

struct fixture {
  explicit fixture(stats_snapshot snapshot) {
    stats = fake<stats_actor>(
        system, {[snapshot = std::move(snapshot)](get_stats_atom) { return snapshot; }});
    gateway = system.spawn(bridge::gateway, stats_actor{});
    health = fake<health_actor>(system, {[how = how](get_health_atom) { return *how; }});
  }

  ~fixture() {
    quit(stats);
    quit(gateway);
    quit(health);
  }

  template <class Handle>
  void quit(const Handle& actor) {
    if (actor) {
      caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    }
  }

  /// Kills an actor and waits until it is dead.
  template <class Handle>
  void kill(const Handle& actor) {
    caf::scoped_actor self{system};
    self->send_exit(actor, caf::exit_reason::kill);
    self->wait_for(actor);
  }

  web::common_handles common() const {
    web::common_handles out;
    out.gateway = gateway;
    out.stats = stats;
    out.health = health;
    out.work = work;
    out.patience = std::chrono::milliseconds{300};
    return out;
  }

  /// The answer to a request; status 0 where none comes within 5 s or the handler throws.
  net::http_response request(http::verb method, std::string target) {
    return request(net::http_request{method, target, 11});
  }

  net::http_response request(const net::http_request& question) {
    net::http_response answer;
    answer.result(0U);
    io.restart();
    asio::co_spawn(io, routes.handle(question, asked_by),
                   [&](std::exception_ptr thrown, net::http_response got) {
                     if (!thrown) {
                       answer = std::move(got);
                     }
                   });
    io.run_for(std::chrono::seconds{5});
    return answer;
  }

  net::http_response get(std::string target) { return request(http::verb::get, std::move(target)); }

  asio::io_context io; ///< outlives the actors, which may still answer a question given up here
  config cfg;
  caf::actor_system system{cfg};
  stats_actor stats;
  std::shared_ptr<health_report> how =
      std::make_shared<health_report>(health_report{true, "healthy"});
  health_actor health;
  std::shared_ptr<net::work_thread> work; ///< null: all is made on the spot
  caf::actor gateway;
  net::router routes;
  net::request_context asked_by; ///< as whom requests are sent
};

} // namespace routes_test
