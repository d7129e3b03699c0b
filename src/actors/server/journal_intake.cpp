#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "xprober/actors/server/intake_report.hpp"
#include "xprober/actors/server/journal.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/wire/push_secrets.hpp"

// How what agents push, and what the store says of series that have ended, enters the journal.

namespace xprober {

namespace {

constexpr std::chrono::seconds store_timeout{60};
/// No agent gives up so many batches between two that it sends: years of them. A number that is
/// further on would make all that follow it look like batches of before.
constexpr std::uint64_t most_missing_batches = std::uint64_t{1} << 24U;

} // namespace

push_batch_response journal_state::answer_to(const batch_header& header,
                                             const storage::verdict& verdict) const {
  push_batch_response answer;
  answer.instance = to_text(header.instance);
  answer.sequence = static_cast<std::int64_t>(header.sequence);
  answer.accepted = static_cast<std::int64_t>(verdict.accepted);
  answer.rejected = static_cast<std::int64_t>(verdict.rejected);
  return answer;
}

caf::result<push_batch_response> journal_state::take(const push_batch_request& request) {
  batch_header header;
  if (const auto problem = read_batch_header(*request.bytes, header); !problem.empty()) {
    return caf::make_error(caf::sec::invalid_argument, problem);
  }
  auto* open = shelf->get();
  if (open == nullptr) {
    return refused(shelf->problem());
  }
  try {
    if (const auto before = open->file.find(header)) {
      ++counts.duplicate_batches;
      report();
      auto answer = answer_to(header, *before);
      answer.duplicate = true;
      return answer;
    }
    if (auto answer = impossible(header, *open)) {
      return std::move(*answer);
    }
    return keep(header, request);
  } catch (const storage::database_error& error) {
    met(error);
    return refused(error.what());
  }
}

/// Nothing of the batch is taken, and its number is not noted: the one that follows is as welcome
/// as if this had not come.
std::optional<push_batch_response> journal_state::impossible(const batch_header& header,
                                                             open_journal& open) {
  const auto last = open.file.last_sequence(header.instance);
  if (!last || header.sequence - *last <= most_missing_batches) {
    return std::nullopt;
  }
  ++counts.impossible_batches;
  report();
  auto answer = answer_to(header, {0, std::min(header.rows, max_batch_rows)});
  answer.errors = {"the batch has the sequence " + std::to_string(header.sequence) +
                   ", and the last one of its instance " + std::to_string(*last) +
                   ": no agent leaves out so many"};
  return answer;
}

caf::result<push_batch_response> journal_state::keep(const batch_header& header,
                                                     const push_batch_request& request) {
  // Before it is unpacked, which takes several times its length.
  if (!strained.empty()) {
    return refused(strained);
  }
  auto body = std::make_shared<std::string>();
  const auto now = wall_now();
  std::int64_t ahead = 0;
  std::int64_t skew = 0;
  const auto clock = [&](const agent_identity& agent) {
    skew = ahead = watch_clock(header, agent, to_unix_ms(now));
    return row_clock{to_unix_ms(now), skew};
  };
  auto found =
      intake.check(*request.bytes, header, *body, clock, self->clock().now(), request.grant.get());
  if (!found.foreign.empty()) {
    return caf::make_error(caf::sec::runtime_error, found.foreign);
  }
  if (!found.later.empty()) {
    ++counts.paced_batches;
    report();
    return caf::make_error(caf::sec::runtime_error, "the batch is to come later: " + found.later);
  }
  const bool usable = found.verdict.accepted > 0;
  std::string other;
  if (found.rewritten) {
    auto other_header = header;
    other_header.rows = found.rows;
    other = pack_batch(other_header, *body);
    skew = found.skew_ms;
  }
  const auto& bytes = usable && !found.rewritten ? *request.bytes : other; // empty: only the number
  if (!make_room(bytes.size())) {
    return refused(full);
  }
  const auto added =
      shelf->to_write().file.add(header, bytes, found.verdict, now, found.values, skew);
  shelf->worked(self->clock().now());
  ++counts.batches;
  ++counts.total_batches;
  counts.results += found.verdict.accepted;
  counts.total_results += found.verdict.accepted;
  counts.missing_batches += added.missing;
  counts.total_missing += added.missing;
  counts.agents += added.first ? 1 : 0;
  if (usable) {
    note_record(added.id, bytes.size(), found.values);
    watch_delivery(header, found, to_unix_ms(now));
  }
  note(count_findings(found, counts));
  report();
  auto answer = answer_to(header, found.verdict);
  answer.errors = std::move(found.errors);
  answer.clock_ahead_ms = ahead;
  if (!usable) {
    return answer;
  }
  auto promise = self->make_response_promise<push_batch_response>();
  self->request(store, store_timeout, batch_delivery{std::move(body), found.rows, nanoseconds{0}})
      .then([promise, answer](const push_response&) mutable { promise.deliver(std::move(answer)); },
            [promise, answer](const caf::error&) mutable {
              // It is kept: the store gets it at the next start, the agent need not send it again.
              promise.deliver(std::move(answer));
            });
  return promise;
}

void journal_state::note(const agent_lapse& lapse) {
  if (registry && lapse.misdated + lapse.refused > 0) {
    self->send(registry, lapse);
  }
}

caf::error journal_state::refused(const std::string& why) {
  ++counts.refused_batches;
  report();
  return caf::make_error(caf::sec::runtime_error, "the batch cannot be kept: " + why);
}

/// What is to be taken out of the batch's times.
std::int64_t journal_state::watch_clock(const batch_header& header, const agent_identity& agent,
                                        std::int64_t now_ms) {
  const auto skew = clocks.note(header, agent, now_ms);
  if (clocks.untold()) {
    clocks.count(counts, now_ms);
    const auto changed = clocks.changed();
    if (registry) {
      self->send(registry, changed);
    }
  }
  return skew;
}

void journal_state::watch_delivery(const batch_header& header, const batch_findings& found,
                                   std::int64_t now_ms) {
  const auto so_far = clocks.delivered(header, found.agent, found.newest_ms, now_ms);
  if (so_far && registry) {
    self->send(registry, *so_far);
  }
}

/// A record lies in the file: whoever waits for it gets it.
void journal_state::note_record(std::uint64_t id, std::uint64_t bytes, std::uint64_t values) {
  auto& open = *shelf->get();
  open.desk.add(id, wall_now(), bytes, values);
  try {
    open.readers.serve();
    open.desk.enforce_limits();
  } catch (const storage::database_error& error) {
    // The record is kept: that comes first, and the next one tries again.
    log::debug("journal", "readers wait", {{"error", error.what()}});
    met(error);
  }
}

/// False: there is no room for so many bytes more, and what is there is too fresh to be dropped, or
/// readers are at it. What readers have not read for long is given up before (`reader_desk`).
bool journal_state::make_room(std::uint64_t bytes) {
  constexpr int steps = 20; // records that one call drops, times 200
  auto& open = *shelf->get();
  const auto fits = [&] { return open.desk.bytes() + bytes <= most_bytes; };
  for (int i = 0; i < steps && !fits() && own_clock.is_proven(); ++i) {
    open.desk.enforce_limits();
    if (!open.pruning.step(wall_now(), self->clock().now(), ttl).more) {
      break;
    }
  }
  if (fits()) {
    full.clear();
  } else if (full.empty()) {
    full = "the journal has reached limits.journal_bytes, and what it holds is too fresh to be "
           "dropped";
    log::error("journal", "batches are refused; their agents keep them", {{"error", full}});
  }
  return full.empty();
}

bool journal_state::keep_record(record_kind kind, const std::string& bytes, std::uint64_t values) {
  if (shelf->get() == nullptr) {
    return false;
  }
  try {
    if (!make_room(bytes.size())) {
      return false;
    }
    const auto id = shelf->to_write().file.add(kind, bytes, wall_now(), values);
    shelf->worked(self->clock().now());
    note_record(id, bytes.size(), values);
    return true;
  } catch (const storage::database_error& error) {
    met(error);
    return false;
  }
}

caf::result<push_response> journal_state::take(const push_request& request) {
  auto other = without_secrets(request);
  const auto& values = other ? other->values : request.values;
  batch_intake::value_findings found;
  auto others = intake.check(values, to_unix_ms(wall_now()), self->clock().now(), found);
  note(count_findings(found, counts));
  if (others) {
    other.emplace().values = std::move(*others);
  }
  const auto& taken = other ? *other : request;
  if (shelf->has_readers()) {
    keep_values(taken.values);
  }
  auto promise = self->make_response_promise<push_response>();
  self->request(store, store_timeout, taken)
      .then([promise](const push_response& answer) mutable { promise.deliver(answer); },
            [promise](caf::error& error) mutable { promise.deliver(std::move(error)); });
  return promise;
}

/// Those that the store takes, too.
void journal_state::keep_values(const std::vector<wire_value>& values) {
  const auto some = storable(values);
  const auto& good = some ? *some : values;
  if (good.empty()) {
    return;
  }
  if (!keep_record(record_kind::values, encode_values(good), good.size())) {
    // Whoever pushes in this form cannot keep it either: better shown than lost altogether.
    lost_values += good.size();
  }
  report();
}

void journal_state::take(const series_ended& ended) {
  if (shelf->has_readers() && !ended.series.empty()) {
    keep_record(record_kind::ended, encode_ended(ended.series), 0);
  }
}

} // namespace xprober
