#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/domain/counter.hpp"
#include "xprober/domain/histogram.hpp"
#include "xprober/domain/probe_result.hpp"
#include "xprober/domain/target.hpp"
#include "xprober/probes/probe_completion.hpp"
#include "xprober/resolver/counters.hpp"

namespace xprober {

struct ad_hoc_request;

struct probe_request {
  target_ref target;
  monotonic_time due{}; ///< when the probe should have begun; the engine reports its lag from it
  /// Of a probe that is for no target of the list; null: none.
  std::shared_ptr<const ad_hoc_request> ad_hoc = nullptr;
  /// What is written to first when the probe is answered: an engine can have the processor fetch it
  /// a bit before (`prefetch_for_writing`). May have gone; null: nobody says.
  const void* answer_place = nullptr;
};

/// One probe of several that begin together.
struct probe_start {
  probe_request request;
  probe_completion done;
};

/// Told where an engine calls many completions one after the other: `begin` before and `end` behind
/// them, on the thread of the engine, so that who hears of them can hand them on together.
struct completion_frame {
  void (*begin)() noexcept = nullptr; ///< null: nobody wants to know
  void (*end)() noexcept = nullptr;
};

/// The seam between actors and I/O: all that anybody but `app/probers.cpp` knows of an engine.
///
/// A reload has two steps, so that it can be refused by one engine without a trace in the others:
/// `prepare` with all that it takes (files are read, expressions compiled), then `commit`.
class probe_engine {
public:
  virtual ~probe_engine() = default;

  /// Begins one probe. Callable from any thread; never blocks.
  virtual void start(probe_request request, probe_completion done) = 0;

  /// Makes new settings ready: the section and the modules of the engine's kind in `config`, and
  /// how names are resolved. Returns what is wrong with them, for people; empty where nothing is.
  /// Nothing has changed until `commit`. One caller at a time.
  virtual std::string prepare(const agent_config& config) = 0;

  /// What `prepare` made ready counts from the next probe on. Without a `prepare` before, or where
  /// it has failed, nothing happens.
  virtual void commit() = 0;

  /// Begins no probe any more and calls `done`, on its own thread, when none is running.
  virtual void drain(std::function<void()> done) = 0;

  /// Ends what still runs as `shutdown` and joins the thread. Nothing can be started after it.
  virtual void stop() = 0;

  /// What kept the engine from being whole when it was made, for people: what is missing and how to
  /// mend it. Empty where nothing is.
  virtual std::string problem() const { return {}; }

  /// False where no probe can be made at all, see `problem`.
  virtual bool usable() const { return true; }

  /// Tells its counters as they are now to whoever it tells them now and then, and calls `done`
  /// after that, on any thread. Callable from any thread, but not after the engine's end.
  virtual void report(std::function<void()> done) = 0;

  /// True if it is better told of many probes at once, by `start_all`.
  virtual bool takes_rounds() const noexcept { return false; }

  /// Begins probes as `start` does each, in their order. What cannot begin is answered.
  virtual void start_all(std::vector<probe_start> round) noexcept {
    for (auto& one : round) {
      start(std::move(one.request), std::move(one.done));
    }
  }
};

/// Counts that every engine keeps, since its start.
struct probe_counters {
  std::uint64_t started = 0;
  std::uint64_t finished = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;       ///< of the target's or the network's fault
  std::uint64_t local_errors = 0; ///< of the prober's own: they say nothing of the target
  std::uint64_t in_flight = 0;    ///< now
  std::uint64_t queued = 0;       ///< now: accepted and waiting for a place
  std::uint64_t exceptions = 0;   ///< internal errors, none of which is meant to happen

  static std::span<const counter<probe_counters>> described() noexcept;
};

/// A count of an engine's own, described where it is counted: `/stats`, `/metrics` and the
/// documents say what stands here.
struct named_counter {
  std::string_view name; ///< in `/stats` below the kind, e.g. "echo_sent"; a literal
  std::string_view help; ///< a sentence for `/metrics`; a literal
  bool now = false; ///< a gauge; else it only rises and `/metrics` has `_total` behind its name
  std::uint64_t value = 0;
  /// In `/metrics` behind "xprober_KIND_" where that is not `name`; a literal.
  std::string_view metric = {};
  bool own_fault = false; ///< counts what the prober itself could not do
  double scale = 1;       ///< what 1 is in `/metrics`: 1e-3 where milliseconds become seconds
};

/// What an engine counts. It sends one when it begins to work, and then at least every second while
/// it has something new.
struct engine_report {
  std::string_view kind; ///< the kind's name; a literal or one of the table's
  probe_counters probes;
  std::vector<named_counter> counters; ///< always the same ones, in the same order
  dns_counters dns;
  /// Times in microseconds since the last report, of those kinds that have one: from the kernel's
  /// receive stamp to the engine's thread. Null where nothing was measured.
  std::shared_ptr<const histogram> receive_gap_us;
};

} // namespace xprober
