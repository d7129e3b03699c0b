#include "xprober/actors/server/history_intake.hpp"

#include <algorithm>
#include <bit>
#include <iterator>
#include <vector>

#include "xprober/base/log.hpp"
#include "xprober/domain/wire/batch.hpp"
#include "xprober/domain/wire/record.hpp"

namespace xprober {

namespace {

/// A probe from further in the future than this counts when it arrived.
constexpr std::int64_t bearable_future = 60;

} // namespace

void history_intake::roll_up(const journal_record& record) {
  observes_ = histograms_.take(record.id);
  switch (record.kind) {
  case record_kind::batch: roll_up_batch(record); break;
  case record_kind::values: roll_up_values(record); break;
  case record_kind::ended: break;
  }
}

void history_intake::roll_up_batch(const journal_record& record) {
  batch_header header;
  if (!read_batch_header(*record.bytes, header).empty() ||
      !read_batch_body(*record.bytes, body_).empty()) {
    return; // it could be read when it came: the journal's file is damaged
  }
  read_history_rows({body_, header.rows, record.received_unix_ms, record.skew_ms}, watched_,
                    [this](history_place& place, std::int64_t unix_ms, std::int64_t arrived_ms,
                           const measured_probe& probe) {
                      const bool future = unix_ms > arrived_ms + bearable_future * 1000;
                      count_moved(place, future);
                      add(place, bucket_start(future ? arrived_ms : unix_ms, 1000) / 1000, probe);
                    });
}

void history_intake::roll_up_values(const journal_record& record) {
  std::vector<wire_value> values;
  if (!decode_values(*record.bytes, values).empty()) {
    return;
  }
  const auto arrived = bucket_start(record.received_unix_ms, 1000) / 1000;
  read_history_values(
      values, watched_,
      [&](history_place& place, std::int64_t unix_seconds, const measured_probe& probe) {
        const bool future = unix_seconds > arrived + bearable_future;
        count_moved(place, future);
        add(place, unix_seconds <= 0 || future ? arrived : unix_seconds, probe);
      });
}

/// What a watched target has beside the place of all is the same probe once more.
void history_intake::count_moved(const history_place& place, bool moved) {
  counts_.moved += moved && !place.key.subject.one_target ? 1 : 0;
}

/// One value of each probe: that of ICMP is the mean RTT of its echoes, as a row has no single RTT.
void history_intake::observe(history_place& place, const measured_probe& probe) {
  constexpr double seconds_of_ms = 1e-3;
  if (place.histogram == nullptr) {
    place.histogram = histograms_.find(place.key.subject, now_, unix_seconds_ * 1000);
  }
  if (place.histogram != nullptr && probe.value_ms) {
    place.histogram->observe(static_cast<double>(*probe.value_ms) * seconds_of_ms);
  }
}

void history_intake::add(history_place& place, std::int64_t unix_seconds,
                         const measured_probe& probe) {
  const std::uint64_t once = place.key.subject.one_target ? 0 : 1;
  if (observes_ && once != 0) {
    observe(place, probe);
  }
  if (unix_seconds < oldest_) {
    counts_.too_old += once;
    return;
  }
  if (auto* values = find_rollup(place, unix_seconds)) {
    counts_.results += once;
    values->add(probe);
  } else {
    ++counts_.omitted;
    note_omitted(place);
  }
}

/// Said when it has become twice as many, as every batch of such an agent has some.
void history_intake::note_omitted(const history_place& place) {
  if (place.key.subject.one_target) {
    return;
  }
  auto& all = counts_.omitted_of;
  const agent_identity agent{place.key.subject.source_region, place.agent};
  auto found = std::ranges::find(all, agent, &omitted_results::agent);
  if (found == all.end()) {
    if (all.size() >= most_omitted_agents) {
      return;
    }
    all.push_back(omitted_results{agent});
    found = std::prev(all.end());
  }
  if (std::has_single_bit(++found->results)) {
    log::warn("history",
              "results of an agent have no history: there are history.max_series series, or it has "
              "its share of them; raise that, or look at what agents send",
              {{"region", agent.region},
               {"agent", agent.local_ip},
               {"results", found->results},
               {"max_series", max_series_}});
  }
}

rollup* history_intake::find_rollup(history_place& place, std::int64_t unix_seconds) {
  const auto start = bucket_start(unix_seconds, history_steps[0]);
  if (place.values != nullptr && start == place.start) {
    return place.values;
  }
  if (place.number == 0) {
    const auto most =
        place.key.subject.one_target ? storage::history::most_target_series : max_series_;
    place.number = files_.number(place.key, place.agent, most).value_or(0);
  }
  place.start = start;
  place.values = place.number == 0 ? nullptr : &buffer_.bucket(start)[place.number];
  return place.values;
}

} // namespace xprober
