#pragma once

#include <functional>

#include <boost/asio/thread_pool.hpp>

#include "xprober/domain/probe_result.hpp"
#include "xprober/domain/target_limits.hpp"
#include "xprober/probes/stream/counters.hpp"
#include "xprober/probes/stream/job.hpp"
#include "xprober/probes/stream/neighbour_watch.hpp"
#include "xprober/probes/stream/reactor.hpp"
#include "xprober/probes/stream/stall_watch.hpp"
#include "xprober/probes/stream/task.hpp"
#include "xprober/resolver/resolver.hpp"

namespace xprober::stream {

/// What a session uses of its engine; outlives it.
struct services {
  io_executor executor; ///< of the engine's thread
  reactor& sockets;     ///< of that thread
  dns::resolver& resolver;
  stream_counters& counters;
  const stall_watch& stalls; ///< of the engine's thread
  neighbour_watch& neighbours;
  /// Where work is done that would keep the engine's thread for long.
  std::function<boost::asio::thread_pool&()> worker;
  /// Called once, when the probe has been measured and before its connection is closed.
  std::function<void(job&, probe_outcome&&)> deliver;
  /// Whom probes that begin now may talk to; null: everybody.
  target_limits_ptr limits{};
};

} // namespace xprober::stream
