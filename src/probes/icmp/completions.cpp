#include "xprober/probes/icmp/completions.hpp"
#include "xprober/base/exception_text.hpp"

#include <utility>

namespace xprober::icmp {

namespace {

probe_outcome blank_outcome(monotonic_time due, monotonic_time now) {
  probe_outcome outcome;
  outcome.started = wall_clock::now();
  if (due != monotonic_time{} && now > due) {
    outcome.start_lag = now - due;
  }
  return outcome;
}

} // namespace

template <class Call>
void completions::safely(std::string_view whose, const Call& call) {
  try {
    call();
  } catch (...) {
    note(whose, std::current_exception());
  }
}

void completions::tell(const probe_completion& done, probe_outcome&& outcome, lane_story* story) {
  count(outcome);
  if (story != nullptr) {
    safely("who is told of a story", [&] { story->tell(outcome); });
  }
  safely("who is told of an outcome", [&] { done(std::move(outcome)); });
}

void completions::drained() {
  for (const auto& done : std::exchange(drained_, {})) {
    safely("who waits for the last probe", done);
  }
}

void completions::refuse(const probe_request& request, const probe_completion& done,
                         probe_error error, std::string detail) {
  probe_outcome outcome = blank_outcome(request.due, monotonic_clock::now());
  outcome.error = error;
  outcome.detail = std::move(detail);
  tell(done, std::move(outcome));
}

void completions::note(std::string_view where, const std::exception_ptr& thrown,
                       const input_digest& input) {
  exceptions_.note(where, exception_text(thrown), input);
}

void completions::count(const probe_outcome& outcome) noexcept {
  ++counters_.finished;
  if (outcome.success) {
    ++counters_.succeeded;
  } else {
    ++(is_local(outcome.error) ? counters_.local_errors : counters_.failed);
  }
}

} // namespace xprober::icmp
