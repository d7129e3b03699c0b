#include "xprober/app/orderly_end.hpp"

#include <algorithm>

#include <caf/scoped_actor.hpp>
#include <caf/sec.hpp>

#include "xprober/base/log.hpp"
#include "xprober/bridge/error.hpp"

namespace xprober::app {

namespace {

constexpr std::chrono::milliseconds a_moment{100};

agent_end end_of(const flush_report& report) {
  return {report.pushed, report.pending, report.kept};
}

void say_problem(const caf::error& error) {
  if (error == caf::sec::request_timeout) {
    log::warn("main", "the shutdown took longer than shutdown_timeout");
  } else {
    log::error("main", "the shutdown is not in order: a part of it has failed",
               {{"error", bridge::error_text(error)}});
  }
}

} // namespace

agent_end end_in_order(caf::actor_system& system, const terminator_actor& terminator,
                       const pusher_actor& pusher, std::chrono::nanoseconds timeout) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  agent_end end;
  bool failed = false;
  caf::scoped_actor self{system};
  self->request(terminator, timeout, stop_atom_v)
      .receive([&](const flush_report& report) { end = end_of(report); },
               [&](const caf::error& error) {
                 say_problem(error);
                 failed = error != caf::sec::request_timeout;
               });
  if (failed) {
    self->request(pusher, time_left(until), flush_atom_v)
        .receive([&](const flush_report& report) { end = end_of(report); }, say_problem);
  }
  if (end.pending > 0) {
    log::warn("main", "results that no server took are lost with this process",
              {{"results", end.pending}});
  }
  if (end.kept > 0) {
    log::info("main", "results that no server took stay in the spool until the next start",
              {{"results", end.kept}});
  }
  return end;
}

std::chrono::nanoseconds time_left(std::chrono::steady_clock::time_point until) {
  return std::max<std::chrono::nanoseconds>(until - std::chrono::steady_clock::now(), a_moment);
}

} // namespace xprober::app
