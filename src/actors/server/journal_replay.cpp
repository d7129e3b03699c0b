#include "xprober/actors/server/journal_replay.hpp"

#include <algorithm>
#include <utility>

#include "xprober/base/log.hpp"

namespace xprober {

namespace {

constexpr std::size_t step = 64; ///< batches
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
}

std::vector<journal_replay::batch> journal_replay::read(wall_time since) {
  if (!older_) {
    since = std::max(since, recent_since_);
  }
  std::vector<batch> batches;
  while (batches.empty()) {
    const auto records = file_.read(done_, since, step);
    if (records.empty()) {
      break;
    }
    if (first_recent_ == 0) {
      first_recent_ = records.front().id;
    }
    done_ = records.back().id;
    for (const auto& record : records) {
      if (older_ && record.id >= first_recent_) {
        return batches; // and the next time there are none
      }
      batch_header header;
      auto body = std::make_shared<std::string>();
      if (record.kind == record_kind::batch && read_batch_header(record.bytes, header).empty() &&
          read_batch_body(record.bytes, *body).empty()) {
        batches.push_back({record.received, std::move(body), header.rows});
      }
    }
  }
  return batches;
}

} // namespace xprober
