#pragma once

#include <optional>

#include "xprober/domain/clock.hpp"
#include "xprober/probes/http/summary.hpp"

namespace xprober::http {

/// Turns the moments of a probe into its phases. The events come in the order of the functions,
/// once for each hop; a hop that ends early leaves the rest out. `resolve` sums over the hops, the
/// other phases are those of the last hop.
class phase_trace {
public:
  void begin_hop() noexcept;
  void resolved(nanoseconds took) noexcept;
  void connecting(monotonic_time at) noexcept;
  void connected(monotonic_time at, bool tls) noexcept;
  void secured(monotonic_time at) noexcept;
  void written(monotonic_time at) noexcept;
  void first_byte(monotonic_time at) noexcept;
  void finished(monotonic_time at) noexcept;

  /// The phase that is under way.
  http_phase current() const noexcept { return current_; }

  /// Writes the phases that were completed.
  void fill(http_summary& summary) const noexcept;

private:
  http_phase current_ = http_phase::resolve;
  nanoseconds resolve_{0}; ///< of all hops so far
  bool resolved_ = false;  ///< in this hop
  std::optional<nanoseconds> connect_;
  std::optional<nanoseconds> tls_;
  std::optional<nanoseconds> processing_;
  std::optional<nanoseconds> transfer_;
  monotonic_time since_{}; ///< of the phase under way
};

} // namespace xprober::http
