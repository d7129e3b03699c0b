#include "xprober/actors/server/history_intake.hpp"

#include <vector>

#include "xprober/domain/wire/batch.hpp"
#include "xprober/domain/wire/record.hpp"

namespace xprober {

namespace {

/// A probe from further in the future than this counts when it arrived.
constexpr std::int64_t bearable_future = 60;

} // namespace

void history_intake::roll_up(const journal_record& record) {
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
  read_history_rows({body_, header.rows, record.received_unix_ms, record.skew_ms},
                    [this](history_place& place, std::int64_t unix_ms, std::int64_t arrived_ms,
                           const measured_probe& probe) {
                      const bool future = unix_ms > arrived_ms + bearable_future * 1000;
                      counts_.moved += future ? 1 : 0;
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
      values, [&](history_place& place, std::int64_t unix_seconds, const measured_probe& probe) {
        const bool future = unix_seconds > arrived + bearable_future;
        counts_.moved += future ? 1 : 0;
        add(place, unix_seconds <= 0 || future ? arrived : unix_seconds, probe);
      });
}

void history_intake::add(history_place& place, std::int64_t unix_seconds,
                         const measured_probe& probe) {
  if (unix_seconds < oldest_) {
    ++counts_.too_old;
    return;
  }
  if (auto* values = find_rollup(place, unix_seconds)) {
    ++counts_.results;
    values->add(probe);
  } else {
    ++counts_.omitted;
  }
}

rollup* history_intake::find_rollup(history_place& place, std::int64_t unix_seconds) {
  const auto start = bucket_start(unix_seconds, history_steps[0]);
  if (place.values != nullptr && start == place.start) {
    return place.values;
  }
  if (place.number == 0) {
    place.number = files_.number(place.key, max_series_).value_or(0);
  }
  place.start = start;
  place.values = place.number == 0 ? nullptr : &buffer_.bucket(start)[place.number];
  return place.values;
}

} // namespace xprober
