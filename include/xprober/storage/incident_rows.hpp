#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "xprober/storage/database.hpp"
#include "xprober/storage/known_spans.hpp"

namespace xprober::storage {

/// The rows of an incident file, as they lie in it.
struct incident_rows {
  struct incident_row {
    std::int64_t id = 0;
    std::int64_t opened_ms = 0;
    std::int64_t closed_ms = 0; ///< 0: open
    std::int64_t kind = 0;
    std::int64_t severity = 0;
    std::int64_t queued = 0; ///< a bit for each notice of it that was queued
    std::string data;
  };
  struct queue_row {
    std::int64_t sequence = 0;
    std::int64_t notice = 0;
    std::int64_t at_ms = 0;
    std::string data;
  };
  struct receiver_row {
    std::string name;
    std::int64_t through = 0;
  };
  struct mute_row {
    std::int64_t id = 0;
    std::int64_t until_ms = 0;
    std::string data;
  };

  std::vector<incident_row> incidents{};
  std::vector<queue_row> queue{};
  std::vector<receiver_row> receivers{};
  std::vector<mute_row> mutes{};
  std::vector<known_span> known{};
  std::vector<std::int64_t> last{}; ///< of incidents, notices and mutes; empty: not known
};

/// Makes the tables where there are none; `first`: all three numbers begin after it.
void make_incident_tables(database& file, std::int64_t first);

/// What can be read of a file, 10,000 rows of each table at most; never throws.
incident_rows read_rows(database& file);
/// And of a damaged one.
incident_rows rescue_incidents(const std::string& path, std::int32_t kind, std::int32_t schema);

/// Within a transaction of the caller's.
void put_rows(database& file, const incident_rows& rows);
void put_row(database& file, const incident_rows::incident_row& row);
void put_row(database& file, const incident_rows::queue_row& row);
void put_row(database& file, const incident_rows::receiver_row& row);
void put_row(database& file, const incident_rows::mute_row& row);

} // namespace xprober::storage
