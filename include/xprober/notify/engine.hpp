#pragma once

#include <memory>
#include <string>
#include <vector>

#include <caf/all.hpp>

#include "xprober/actors/actors.hpp"
#include "xprober/domain/config.hpp"

namespace xprober::notify {

/// Tells the receivers of `alerts` of incidents, on a thread of its own.
///
/// Each receiver takes from the queue of the incidents actor, in order and for itself: one that
/// does not answer holds up no other. What was taken, or refused for good, is noted on disk before
/// the next one goes out; what may be taken later is repeated for ever (see `delivery`), and the
/// queue's bound limits what waits meanwhile.
///
/// A webhook is sent each notice once. An Alertmanager is sent the alerts of all notices that wait,
/// and every minute, and at the start, those of all open incidents.
class engine {
public:
  engine(caf::actor gateway, incidents_actor incidents, stats_actor stats);
  ~engine();
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  /// Reads what the receivers need (certificates, secrets); what is wrong, or nothing.
  static std::string check(const alerts_config& config);

  /// The names of the receivers' queues, for `incident_rules`.
  static std::vector<std::string> receivers(const alerts_config& config);

  /// The receivers from now on; those that are as before go on undisturbed. The incidents actor
  /// must know their names first. Callable from any thread.
  void set(const alerts_config& config);

  /// Ends the connections and the thread. What was not told is told after the next start. Call it
  /// before the actors end; destroy the engine after them.
  void stop();

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace xprober::notify
