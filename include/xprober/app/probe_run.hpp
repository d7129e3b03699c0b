#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "xprober/probes/ad_hoc.hpp"
#include "xprober/probes/probe_engine.hpp"

namespace xprober::app {

/// A list of probes from the command line, run on one engine, a bounded number at a time.
///
/// The end of a probe starts the next on the engine's own thread; the thread that calls `run` is
/// woken only where there is something to show.
class probe_run {
public:
  struct options {
    const probe_kind* kind = nullptr;
    std::size_t window = 10'000; ///< probes at a time
    bool show_progress = false;  ///< a counter on standard error while it runs
    /// So often at most is one target probed until the prober's own overload has not spoilt it.
    std::uint8_t attempts = 1;
    /// Called for each echo that was answered, with the place of its probe, on the thread that
    /// calls `run`. May be empty.
    std::function<void(std::size_t, const echo_answer&)> on_echo{};
  };

  /// Called for each probe after it ended, with its place in the list, on the thread that calls
  /// `run`; false: nobody wants to know of the others.
  using observer = std::function<bool(std::size_t, const probe_outcome&)>;

  /// `on_result` may be null.
  probe_run(probe_engine& engine, std::vector<std::string> targets, options how,
            observer on_result);

  /// Runs every probe and stops the engine; gives the outcomes in the order of the targets. To be
  /// called once. Ends early on SIGINT or SIGTERM: what has not ended then has the error
  /// `shutdown`, and what the engine knows of it.
  std::vector<probe_outcome> run();

  bool interrupted() const noexcept { return stopping_; }

private:
  void start_one(std::size_t place);
  void ended(std::size_t place, probe_outcome&& outcome);
  void end_early();
  void show_progress() const;

  probe_engine& engine_;
  std::vector<std::string> targets_;
  options how_;
  observer on_result_;
  boost::asio::io_context context_;
  // Each is written by the end of its own probe only, and read after it.
  std::vector<probe_outcome> outcomes_;
  std::vector<std::uint8_t> attempts_; ///< so far
  std::atomic<std::size_t> started_{0};
  std::atomic<std::size_t> ended_{0};
  std::atomic<std::size_t> failed_{0};
  std::atomic<bool> stopping_{false};
};

/// "name: detail" of an outcome's error; empty if there is none.
std::string error_text(const probe_outcome& outcome);

/// Checks the targets of a type and puts every address of each CIDR block in its place, at most
/// `limit` targets in all. Names the target that cannot be used and what is wrong with it; empty:
/// nothing is.
std::string expand_named(const prober_name& type, std::vector<std::string>& targets,
                         std::size_t limit);

} // namespace xprober::app
