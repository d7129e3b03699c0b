#pragma once

#include <memory>
#include <string>
#include <vector>

#include <caf/all.hpp>

#include "xprober/actors/actors.hpp"
#include "xprober/domain/config.hpp"

namespace xprober::remote_write {

/// The name of a receiver's queue: `name`, or the URL without its user.
std::string queue_name(const remote_write_config& receiver);

/// Sends what comes to the server to the receivers of `remote_write`, on a thread of its own.
///
/// Each receiver is a reader of the journal: it takes records in their order, makes requests of
/// them and moves its position on, on disk, when a request was taken or refused for good. One
/// request is under way at a time, so every series stays in order. What may succeed later (no
/// connection, no answer in time, 5xx, 429, redirects) is repeated for ever with back-off and
/// jitter, and Retry-After is obeyed; the journal's limit bounds what waits meanwhile. Any other
/// 4xx is final: the request's values count as failed. Where a receiver wants native histograms
/// they go to it beside that, see `histogram_encoder`.
class engine {
public:
  /// The pool says which labels the targets' series carry, the history has the histograms (null:
  /// there are none).
  engine(caf::actor gateway, journal_actor journal, target_pool_actor pool, stats_actor stats,
         history_actor history = {});
  ~engine();
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  /// Reads what the receivers need (certificates, secrets); what is wrong, or nothing.
  static std::string check(const std::vector<remote_write_config>& receivers);

  /// The receivers from now on; those that are as before go on undisturbed. The journal must know
  /// them as readers. Callable from any thread.
  void set(std::vector<remote_write_config> receivers);

  /// Ends the connections and the thread. What was not acknowledged is sent again at the next
  /// start. Call it before the actors end; destroy the engine after them.
  void stop();

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace xprober::remote_write
