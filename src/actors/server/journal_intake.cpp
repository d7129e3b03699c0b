#include "xprober/actors/server/journal_intake.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "xprober/actors/server/batch_answer.hpp"
#include "xprober/actors/server/intake_report.hpp"
#include "xprober/domain/wire/push_secrets.hpp"

namespace xprober {

namespace {

constexpr std::chrono::seconds store_timeout{60};

} // namespace

monotonic_time journal_intake::now() const { return with_.self->clock().now(); }

// -- batches --------------------------------------------------------------------------------------

caf::result<push_batch_response> journal_intake::take(const push_batch_request& request) {
  batch_header header;
  if (const auto problem = read_batch_header(*request.bytes, header); !problem.empty()) {
    return caf::make_error(caf::sec::invalid_argument, problem);
  }
  auto* open = with_.disk.get();
  if (open == nullptr) {
    return refused(with_.disk.shelf().problem());
  }
  try {
    if (const auto before = open->file.find(header)) {
      ++with_.counts.duplicate_batches;
      with_.changed();
      auto answer = answer_to(header, *before);
      answer.duplicate = true;
      return answer;
    }
    if (auto answer = refusal_of(header, open->file.last_sequence(header.instance))) {
      ++with_.counts.impossible_batches;
      with_.changed();
      return std::move(*answer);
    }
    return keep(header, request);
  } catch (const storage::database_error& error) {
    with_.disk.met(error);
    return refused(error.what());
  }
}

caf::result<push_batch_response> journal_intake::keep(const batch_header& header,
                                                      const push_batch_request& request) {
  // Before it is unpacked, which takes several times its length.
  if (!with_.disk.strain().empty()) {
    return refused(with_.disk.strain());
  }
  auto body = std::make_shared<std::string>();
  const auto arrived = with_.clocks.read(now());
  std::int64_t ahead = 0;
  std::int64_t skew = 0;
  const auto clock = [&](const agent_identity& agent) {
    skew = ahead = watch_clock(header, agent, to_unix_ms(arrived));
    return row_clock{to_unix_ms(arrived), skew};
  };
  auto found = judge_.check(*request.bytes, header, *body, clock, now(), request.grant.get());
  if (!found.foreign.empty()) {
    return caf::make_error(caf::sec::runtime_error, found.foreign);
  }
  if (!found.later.empty()) {
    ++with_.counts.paced_batches;
    with_.changed();
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
  if (!with_.disk.make_room(bytes.size())) {
    return refused(with_.disk.lack_of_room());
  }
  const auto added = with_.disk.keep(header, bytes, found.verdict, arrived, found.values, skew);
  count(found, added);
  if (usable) {
    with_.disk.note(added.id, bytes.size(), found.values);
    watch_delivery(header, found, to_unix_ms(arrived));
  }
  note(count_findings(found, with_.counts));
  with_.changed();
  auto answer = answer_to(header, found.verdict);
  answer.errors = std::move(found.errors);
  answer.clock_ahead_ms = ahead;
  if (!usable) {
    return answer;
  }
  return store(std::move(body), found.rows, std::move(answer));
}

void journal_intake::count(const batch_findings& found, const storage::journal::added& added) {
  auto& counts = with_.counts;
  ++counts.batches;
  ++counts.total_batches;
  counts.results += found.verdict.accepted;
  counts.total_results += found.verdict.accepted;
  counts.missing_batches += added.missing;
  counts.total_missing += added.missing;
  counts.agents += added.first ? 1 : 0;
}

/// The answer is given when the store has the results.
caf::result<push_batch_response> journal_intake::store(std::shared_ptr<const std::string> body,
                                                       std::uint32_t rows,
                                                       push_batch_response answer) {
  auto promise = with_.self->make_response_promise<push_batch_response>();
  with_.self
      ->request(with_.store, store_timeout, batch_delivery{std::move(body), rows, nanoseconds{0}})
      .then([promise, answer](const push_response&) mutable { promise.deliver(std::move(answer)); },
            [promise, answer](const caf::error&) mutable {
              // It is kept: the store gets it at the next start, the agent need not send it again.
              promise.deliver(std::move(answer));
            });
  return promise;
}

caf::error journal_intake::refused(const std::string& why) {
  ++with_.counts.refused_batches;
  with_.changed();
  return caf::make_error(caf::sec::runtime_error, "the batch cannot be kept: " + why);
}

// -- what the registry hears ----------------------------------------------------------------------

/// What is to be taken out of the batch's times.
std::int64_t journal_intake::watch_clock(const batch_header& header, const agent_identity& agent,
                                         std::int64_t now_ms) {
  auto& clocks = with_.clocks.agents();
  const auto skew = clocks.note(header, agent, now_ms);
  if (clocks.untold()) {
    clocks.count(with_.counts, now_ms);
    const auto changed = clocks.changed();
    if (with_.registry) {
      with_.self->send(with_.registry, changed);
    }
  }
  return skew;
}

void journal_intake::watch_delivery(const batch_header& header, const batch_findings& found,
                                    std::int64_t now_ms) {
  const auto so_far = with_.clocks.agents().delivered(header, found.agent, found.newest_ms, now_ms);
  if (so_far && with_.registry) {
    with_.self->send(with_.registry, *so_far);
  }
}

void journal_intake::note(const agent_lapse& lapse) {
  if (with_.registry && lapse.misdated + lapse.refused > 0) {
    with_.self->send(with_.registry, lapse);
  }
}

// -- values of the old form, and what has ended ---------------------------------------------------

caf::result<push_response> journal_intake::take(const push_request& request) {
  auto other = without_secrets(request);
  const auto& values = other ? other->values : request.values;
  batch_intake::value_findings found;
  auto others = judge_.check(values, to_unix_ms(with_.clocks.read(now())), now(), found);
  note(count_findings(found, with_.counts));
  if (others) {
    other.emplace().values = std::move(*others);
  }
  const auto& taken = other ? *other : request;
  if (with_.disk.shelf().has_readers()) {
    keep_values(taken.values);
  }
  auto promise = with_.self->make_response_promise<push_response>();
  with_.self->request(with_.store, store_timeout, taken)
      .then([promise](const push_response& answer) mutable { promise.deliver(answer); },
            [promise](caf::error& error) mutable { promise.deliver(std::move(error)); });
  return promise;
}

/// Those that the store takes, too.
void journal_intake::keep_values(const std::vector<wire_value>& values) {
  const auto some = storable(values);
  const auto& good = some ? *some : values;
  if (good.empty()) {
    return;
  }
  if (!with_.disk.keep(record_kind::values, encode_values(good), good.size())) {
    // Whoever pushes in this form cannot keep it either: better shown than lost altogether.
    with_.disk.lose(good.size());
  }
  with_.changed();
}

void journal_intake::take(const series_ended& ended) {
  if (with_.disk.shelf().has_readers() && !ended.series.empty()) {
    with_.disk.keep(record_kind::ended, encode_ended(ended.series), 0);
  }
}

} // namespace xprober
