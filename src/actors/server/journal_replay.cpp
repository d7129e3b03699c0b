#include "xprober/actors/server/journal_replay.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "xprober/base/log.hpp"

namespace xprober {

namespace {

constexpr std::size_t step = 64; ///< batches
/// Unpacked bytes of a step, above which it has no further batch: with the step that is read ahead
/// some 100 MB of the largest batches, whoever sends them.
constexpr std::size_t step_bytes = std::size_t{32} << 20;
constexpr std::size_t records_at_once = 8;
/// What came within this time before the last record goes to the store before anybody is served:
/// four results of each target that is probed every 15 s. The rest follows.
constexpr std::chrono::seconds recent{60};

} // namespace

journal_replay::journal_replay(storage::journal& file, wall_time newest)
    : file_(file), recent_since_(newest - recent) {}

std::vector<journal_replay::batch> journal_replay::next(wall_time since) {
  auto batches = std::exchange(ahead_, {});
  return batches.empty() ? read(since) : batches;
}

void journal_replay::begin_older() {
  older_ = true;
  done_ = 0;
  records_.clear();
}

/// False: there are no more records.
bool journal_replay::fill(wall_time since) {
  if (records_.empty()) {
    auto read = file_.read(done_, since, records_at_once);
    records_.assign(std::make_move_iterator(read.begin()), std::make_move_iterator(read.end()));
  }
  return !records_.empty();
}

std::vector<journal_replay::batch> journal_replay::read(wall_time since) {
  if (!older_) {
    since = std::max(since, recent_since_);
  }
  while (unpacked_.size() < step && unpacked_bytes_ < step_bytes && fill(since)) {
    if (first_recent_ == 0) {
      first_recent_ = records_.front().id;
    }
    if (older_ && records_.front().id >= first_recent_) {
      break; // and the next time there are none
    }
    const auto record = std::move(records_.front());
    records_.pop_front();
    done_ = record.id;
    batch_header header;
    auto body = std::make_shared<std::string>();
    if (record.kind == record_kind::batch && read_batch_header(record.bytes, header).empty() &&
        read_batch_body(record.bytes, *body).empty()) {
      unpacked_bytes_ += body->size();
      unpacked_.push_back({record.received, std::move(body), header.rows});
    }
  }
  unpacked_bytes_ = 0;
  return std::exchange(unpacked_, {});
}

} // namespace xprober
