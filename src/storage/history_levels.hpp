#pragma once

#include <array>
#include <string>

#include "xprober/domain/history/history.hpp"

namespace xprober::storage {

/// The statements of one level of the history's file; SQLite takes no parameter for a table's name.
struct level_sql {
  explicit level_sql(const std::string& table)
      : make("CREATE TABLE IF NOT EXISTS " + table +
             "(start INTEGER NOT NULL, series INTEGER NOT NULL, data BLOB NOT NULL,"
             " PRIMARY KEY(start, series)) WITHOUT ROWID"),
        get("SELECT data FROM " + table + " WHERE start = ? AND series = ?"),
        scan("SELECT series, data FROM " + table + " WHERE start >= ? AND start < ?"),
        put("INSERT OR REPLACE INTO " + table + " VALUES(?, ?, ?)"),
        erase("DELETE FROM " + table + " WHERE (start, series) IN (SELECT start, series FROM " +
              table + " WHERE start < ? ORDER BY start LIMIT ?)") {}

  std::string make;
  std::string get;
  std::string scan;
  std::string put;
  std::string erase;
};

inline const std::array<level_sql, history_levels>& levels() {
  static const std::array<level_sql, history_levels> all{
      level_sql{"rollup_15s"}, level_sql{"rollup_1m"}, level_sql{"rollup_10m"}};
  return all;
}

} // namespace xprober::storage
