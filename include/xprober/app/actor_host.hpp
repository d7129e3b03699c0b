#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <caf/all.hpp>

#include "xprober/actors/actors.hpp"
#include "xprober/actors/stats.hpp"
#include "xprober/net/work_thread.hpp"

namespace xprober::app {

/// What agent and server both stand on: one actor system, one thread for RPC and web, the stats
/// actor, and the gateway through which sessions ask actors.
///
/// Order of life: the I/O context outlives the actor system, and the actors outlive whoever sends
/// to them from other threads. So the owner ends its listeners and engines, then calls
/// `stop_actors`, releases its own handles, and destroys the host.
///
/// Nobody stands in for an actor that has ended. So where one ends that was not told to, the
/// process has to: a service manager starts it again, and what is on disk is all that it needs.
/// Every spawned actor is vital in this sense, and `health` asks it whether it answers.
class actor_host {
public:
  /// `failed` is called from any thread when the first actor has ended unexpectedly.
  actor_host(stats_identity identity, std::uint32_t workers, std::function<void()> failed = {});
  ~actor_host();
  actor_host(const actor_host&) = delete;
  actor_host& operator=(const actor_host&) = delete;

  caf::actor_system& system() { return *system_; }
  boost::asio::io_context& io() { return io_; }
  const stats_actor& stats() const { return stats_; }
  /// Says whether all spawned actors answer.
  const health_actor& health() const { return health_; }
  const caf::actor& gateway() const { return gateway_; }
  /// Where sessions have large answers made, and large requests read: a page that takes a second
  /// holds up no batch.
  const std::shared_ptr<net::work_thread>& answers() const { return answers_; }
  const std::shared_ptr<net::work_thread>& requests() const { return requests_; }

  /// What `/-/healthy` says, for who is no session, such as a watchdog. Waits for `longest` at
  /// most, which should be more than `health_deadline`; without an answer it is not healthy. Not
  /// for an actor's or the I/O thread, and not after `stop_actors`.
  health_report ask_health(std::chrono::nanoseconds longest);

  /// An actor has ended that was not told to.
  bool has_failed() const noexcept { return has_failed_; }

  /// Spawns an actor, counts it in the stats, and remembers it for `stop_actors`.
  template <caf::spawn_options Options = caf::no_spawn_options, class F, class... Ts>
  auto spawn(actor_kind kind, F behavior, Ts&&... args) {
    auto handle = system_->spawn<Options>(behavior, std::forward<Ts>(args)...);
    remember(kind, caf::actor_cast<caf::strong_actor_ptr>(handle));
    return handle;
  }

  /// Logs what the configuration hardly means, and has stats show it until the next call.
  void warn(std::vector<std::string> warnings);

  /// Begins to run the I/O context on its thread.
  void start_io();

  /// Ends all remembered actors, the last spawned first, and waits until every actor has ended.
  void stop_actors();

  /// Ends the I/O thread, and then those for what is large.
  void stop_io();

private:
  void remember(actor_kind kind, caf::strong_actor_ptr handle);
  void ended(actor_kind kind, const caf::error& reason);
  void tell_failure(actor_kind kind, const caf::error& reason) const;

  std::function<void()> failed_;
  std::atomic<bool> has_failed_{false};
  std::atomic<bool> stopping_{false};
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::unique_ptr<caf::actor_system_config> config_;
  std::unique_ptr<caf::actor_system> system_;
  stats_actor stats_;
  health_actor health_;
  caf::actor gateway_;
  std::vector<caf::strong_actor_ptr> actors_;
  std::shared_ptr<net::work_thread> answers_ = std::make_shared<net::work_thread>("answers");
  std::shared_ptr<net::work_thread> requests_ = std::make_shared<net::work_thread>("requests");
  std::thread thread_;
};

} // namespace xprober::app
