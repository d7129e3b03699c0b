#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "xprober/actors/actors.hpp"
#include "xprober/domain/connection_limits.hpp"
#include "xprober/net/byte_budget.hpp"
#include "xprober/net/work_thread.hpp"

namespace xprober::app {

/// What all ports of a role have in common: one budget of bytes, and the counters of each, which
/// stats is told of once a second where they have changed. So often it looks at the process's
/// memory, too: while that is short of its limit (`memory_gate`) the budget is closed, stats and
/// `strained` are told, and what is free is given back to the kernel on `work`. Lives shorter than
/// the actor system.
class port_ledger {
public:
  /// `strained` is called on the context's thread when memory gets short and when it no longer is.
  port_ledger(boost::asio::io_context& context, stats_actor stats, const connection_limits& limits,
              std::shared_ptr<net::work_thread> work, std::function<void(bool)> strained = {});
  ~port_ledger();
  port_ledger(const port_ledger&) = delete;
  port_ledger& operator=(const port_ledger&) = delete;

  /// The account of one more port; `key` is its address's in the configuration. Call it before the
  /// context runs, or on its thread.
  net::port_account open(std::string key);

private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

} // namespace xprober::app
