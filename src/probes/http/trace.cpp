#include "xprober/probes/http/trace.hpp"

#include <algorithm>

namespace xprober::http {

namespace {

nanoseconds between(monotonic_time from, monotonic_time to) noexcept {
  return std::max(nanoseconds::zero(), nanoseconds{to - from});
}

} // namespace

void phase_trace::begin_hop() noexcept {
  current_ = http_phase::resolve;
  resolved_ = false;
  connect_.reset();
  tls_.reset();
  processing_.reset();
  transfer_.reset();
}

void phase_trace::resolved(nanoseconds took) noexcept {
  resolve_ += took;
  resolved_ = true;
  current_ = http_phase::connect;
}

void phase_trace::connecting(monotonic_time at) noexcept { since_ = at; }

void phase_trace::connected(monotonic_time at, bool tls) noexcept {
  connect_ = between(since_, at);
  since_ = at;
  if (tls) {
    current_ = http_phase::tls;
  } else {
    tls_ = nanoseconds::zero();
    current_ = http_phase::processing;
  }
}

void phase_trace::secured(monotonic_time at) noexcept {
  tls_ = between(since_, at);
  since_ = at;
  current_ = http_phase::processing;
}

void phase_trace::written(monotonic_time at) noexcept { since_ = at; }

void phase_trace::first_byte(monotonic_time at) noexcept {
  processing_ = between(since_, at);
  since_ = at;
  current_ = http_phase::transfer;
}

void phase_trace::finished(monotonic_time at) noexcept { transfer_ = between(since_, at); }

void phase_trace::fill(http_summary& summary) const noexcept {
  const auto put = [&](http_phase phase, const std::optional<nanoseconds>& value) {
    summary.phase(phase) = value ? std::optional{static_cast<float>(to_ms(*value))} : std::nullopt;
  };
  put(http_phase::resolve, resolved_ ? std::optional{resolve_} : std::nullopt);
  put(http_phase::connect, connect_);
  put(http_phase::tls, tls_);
  put(http_phase::processing, processing_);
  put(http_phase::transfer, transfer_);
}

} // namespace xprober::http
