#include "xprober/storage/watched_rows.hpp"

#include <string>
#include <utility>

#include "xprober/storage/sql_values.hpp"

namespace xprober::storage {

void make_watched_table(database& file) {
  file.run("CREATE TABLE IF NOT EXISTS watched(hash INTEGER PRIMARY KEY, since INTEGER NOT NULL,"
           " asked INTEGER NOT NULL, named INTEGER NOT NULL, region BLOB NOT NULL,"
           " address BLOB NOT NULL, type BLOB NOT NULL)");
}

std::vector<watched_target> read_watched(database& file) {
  std::vector<watched_target> all;
  auto query = file.prepare("SELECT hash, since, asked, named, region, address, type FROM watched"
                            " ORDER BY hash LIMIT ?");
  query.bind(as_signed(watched_targets::most));
  while (query.step()) {
    watched_target target{as_unsigned(query.number(0)), query.number(1), query.number(2),
                          query.number(3)};
    if (const auto type = query.blob(6); !type.empty()) {
      target.uid =
          target_uid{std::string{query.blob(4)}, std::string{query.blob(5)}, prober_name{type}};
    }
    all.push_back(std::move(target));
  }
  return all;
}

void write_watched(database& file, const std::vector<watched_target>& all) {
  transaction change{file};
  file.run("DELETE FROM watched");
  auto put = file.prepare("INSERT INTO watched VALUES(?, ?, ?, ?, ?, ?, ?)");
  for (const auto& target : all) {
    const auto uid = target.uid.value_or(target_uid{});
    put.bind(as_signed(target.hash))
        .bind(target.since_unix)
        .bind(target.asked_unix)
        .bind(target.named_unix)
        .bind(uid.region)
        .bind(uid.address)
        .bind(uid.type.text())
        .run();
  }
  change.commit();
}

} // namespace xprober::storage
