#pragma once

// The messages between the journal and who takes everything that came in, each at its own pace:
// remote write and history. Their type ids stand in server.hpp.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <caf/all.hpp>

#include "xprober/domain/wire/record.hpp"

namespace xprober {

/// A reader. Its position outlives a restart; a new one begins with what comes from then on.
struct journal_reader {
  std::string name;
  std::uint64_t max_bytes = 0; ///< of records that wait for it; above it the oldest are dropped
};

/// All readers that there are: others are forgotten.
struct journal_readers {
  std::vector<journal_reader> readers;
};

/// Where a reader is.
struct reader_begin {
  std::string reader;
  bool from_oldest = false; ///< it has lost what it read: begin with the oldest record there is
};
struct reader_place {
  std::uint64_t done = 0; ///< the last record that it has dealt with whole
  std::uint64_t rows = 0; ///< of the next one, dealt with already
  std::uint64_t values = 0;
};

/// The answer: where it is, and in which journal.
struct reader_start {
  reader_place place;
  std::string journal;       ///< random bytes of the file's own: ids mean something only with them
  std::uint64_t last_id = 0; ///< of the newest record there ever was
};

/// The next records for a reader behind `after`. The answer waits until there is one.
struct read_request {
  std::string reader;
  std::uint64_t after = 0;
};

/// A record, with its number in the order of arrival.
struct journal_record {
  std::uint64_t id = 0;
  record_kind kind = record_kind::batch;
  std::shared_ptr<const std::string> bytes;
  std::int64_t received_unix_ms = 0;
  std::int64_t skew_ms = 0; ///< of a batch: its agent's clock, to take out of its times
};
struct journal_page {
  std::vector<journal_record> records;
};

/// A reader has dealt with more. Answered when that is on disk.
struct reader_progress {
  std::string reader;
  reader_place place;
  std::uint64_t sent = 0; ///< values since the last progress
  std::uint64_t failed = 0;
  std::uint64_t dropped = 0;
  /// Rises from progress to progress: one that is told again, as its answer was late, counts once.
  /// 0: it has no counts.
  std::uint64_t number = 0;
};

/// Series that will get no more values: their target was removed, or nothing new came for too long.
struct series_ended {
  std::vector<ended_series> series;
};

/// Where the store tells which series have ended; null: nowhere.
struct watch_series {
  caf::actor watcher;
};

} // namespace xprober
