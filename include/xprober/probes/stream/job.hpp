#pragma once

#include <exception>
#include <string>
#include <utility>

#include "xprober/probes/internal_fault.hpp"
#include "xprober/probes/probe_engine.hpp"

namespace xprober::stream {

/// The outcome of a probe that was not made.
inline probe_outcome not_made(probe_error error, std::string detail) {
  probe_outcome outcome;
  outcome.error = error;
  outcome.detail = std::move(detail);
  outcome.started = wall_clock::now();
  return outcome;
}

/// The same of one that the prober's end came before.
inline probe_outcome ended_before() {
  return not_made(probe_error::shutdown, "the prober ends, the probe was not made");
}

/// A started probe that has not been answered. Its completion is called exactly once: by
/// `answer`, or when the job is dropped, wherever that happens: with `probe_error::shutdown`, or,
/// where an exception drops it, with that of an internal error.
class job {
public:
  job(probe_request request, probe_completion done)
      : request_(std::move(request)), done_(std::move(done)) {}

  job(job&& other) noexcept
      : request_(std::move(other.request_)), done_(std::exchange(other.done_, nullptr)),
        begun_(other.begun_) {}
  job& operator=(job&&) = delete;

  ~job() {
    if (done_) {
      answer(std::uncaught_exceptions() > 0 ? internal_fault("it was not begun") : ended_before());
    }
  }

  /// True once the probe has had a place, also where it had to give it back.
  bool begun() const noexcept { return begun_; }
  void begin() noexcept { begun_ = true; }

  const probe_request& request() const noexcept { return request_; }

  void answer(probe_outcome&& outcome) {
    if (const auto done = std::exchange(done_, nullptr)) {
      done(std::move(outcome));
    }
  }

private:
  probe_request request_;
  probe_completion done_;
  bool begun_ = false;
};

} // namespace xprober::stream
