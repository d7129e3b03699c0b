#include "xprober/app/port_ledger.hpp"

#include <chrono>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>

#include "xprober/base/log.hpp"
#include "xprober/base/memory.hpp"
#include "xprober/base/memory_limit.hpp"
#include "xprober/base/process_info.hpp"
#include "xprober/domain/memory_gate.hpp"

namespace xprober::app {

namespace {

constexpr std::chrono::seconds ledger_interval{1};
/// Freed memory is given back so often while memory is short.
constexpr std::chrono::seconds release_interval{10};

/// The file's word, or what the kernel says.
std::uint64_t memory_limit_of(const connection_limits& limits) {
  if (limits.memory > 0) {
    return limits.memory;
  }
  const auto of_group = memory_limit_of_group();
  return of_group > 0 ? of_group : memory_limit_of_machine();
}

} // namespace

struct port_ledger::impl {
  struct line {
    std::shared_ptr<port_counters> now;
    port_counters told;
  };

  impl(boost::asio::io_context& io, stats_actor to, const connection_limits& limits,
       std::shared_ptr<net::work_thread> apart, std::function<void(bool)> tell)
      : context(io), timer(io), stats(std::move(to)),
        budget(std::make_shared<net::byte_budget>(
            net::byte_limits{limits.bytes, limits.bytes_per_peer})),
        gate(memory_limit_of(limits)), work(std::move(apart)), strained(std::move(tell)) {
    memory.limit_bytes = gate.limit();
    caf::anon_send(stats, memory);
  }

  void look_at_memory() {
    const auto now = monotonic_clock::now();
    const auto resident = gate.limit() > 0 ? resident_bytes() : 0;
    const bool shedding = gate.observe(resident, now);
    if (shedding && now >= next_release) {
      next_release = now + release_interval;
      release();
    }
    if (shedding == memory.shedding) {
      return;
    }
    memory.shedding = shedding;
    memory.sheds += shedding ? 1U : 0U;
    budget->close(shedding);
    note(resident);
    caf::anon_send(stats, memory);
    if (strained) {
      strained(shedding);
    }
  }

  void note(std::uint64_t resident) const {
    std::vector<std::string> lines;
    if (memory.shedding) {
      log::error("main", "memory is short: batches and large messages are refused",
                 {{"resident_bytes", resident}, {"limit_bytes", gate.limit()}});
      lines.emplace_back("memory is short (limits.memory): batches and large messages are refused");
    } else {
      log::info("main", "there is memory again", {{"resident_bytes", resident}});
    }
    caf::anon_send(stats, warnings_report{"memory", std::move(lines)});
  }

  void release() {
    const auto free_all = [] {
      release_freed_memory();
      return true;
    };
    boost::asio::co_spawn(context, work->run(free_all),
                          [](const std::exception_ptr&, bool) { /* the process ends */ });
  }

  static void report_on(const std::shared_ptr<impl>& self) {
    self->timer.expires_after(ledger_interval);
    self->timer.async_wait([weak = std::weak_ptr{self}](const boost::system::error_code& error) {
      const auto alive = weak.lock();
      if (error || !alive) {
        return;
      }
      for (auto& port : alive->ports) {
        if (*port.now != port.told) {
          port.told = *port.now;
          caf::anon_send(alive->stats, port.told);
        }
      }
      alive->look_at_memory();
      report_on(alive);
    });
  }

  boost::asio::io_context& context;
  boost::asio::steady_timer timer;
  stats_actor stats;
  std::shared_ptr<net::byte_budget> budget;
  memory_gate gate;
  memory_stats memory;
  monotonic_time next_release{};
  std::shared_ptr<net::work_thread> work;
  std::function<void(bool)> strained; ///< may be empty
  std::vector<line> ports;
};

port_ledger::port_ledger(boost::asio::io_context& context, stats_actor stats,
                         const connection_limits& limits, std::shared_ptr<net::work_thread> work,
                         std::function<void(bool)> strained)
    : impl_(std::make_shared<impl>(context, std::move(stats), limits, std::move(work),
                                   std::move(strained))) {
  impl::report_on(impl_);
}

port_ledger::~port_ledger() = default;

net::port_account port_ledger::open(std::string key) {
  auto counters = std::make_shared<port_counters>();
  counters->port = std::move(key);
  impl_->ports.push_back({counters, {}});
  return {impl_->budget, std::move(counters)};
}

} // namespace xprober::app
