#include "xprober/storage/known_spans.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <tuple>

namespace xprober::storage {

namespace {

/// What a clock that was ahead has noted does not count until then.
std::optional<known_span> last_span(database& file, const std::string& name,
                                    std::int64_t now_unix) {
  auto query = file.prepare("SELECT from_s, to_s FROM known WHERE name = ? AND from_s <= ?"
                            " ORDER BY from_s DESC LIMIT 1");
  query.bind(name).bind(now_unix);
  if (!query.step()) {
    return std::nullopt;
  }
  return known_span{name, query.number(0), query.number(1)};
}

} // namespace

void make_known_table(database& file) {
  file.run("CREATE TABLE IF NOT EXISTS known(name BLOB NOT NULL, from_s INTEGER NOT NULL,"
           " to_s INTEGER NOT NULL, PRIMARY KEY(name, from_s)) WITHOUT ROWID");
}

void note_known(database& file, std::span<const std::string> names, std::int64_t now_unix) {
  for (const auto& name : names) {
    const auto last = last_span(file, name, now_unix);
    if (last && now_unix <= last->to_unix) {
      continue;
    }
    const bool goes_on =
        last && now_unix - last->to_unix <= std::chrono::seconds{known_gap}.count();
    put_known(file, {name, goes_on ? last->from_unix : now_unix, now_unix});
  }
}

std::vector<known_span> read_known(database& file, std::int64_t after_unix) {
  std::vector<known_span> found;
  auto query = file.prepare("SELECT name, from_s, to_s FROM known WHERE to_s > ?"
                            " ORDER BY to_s DESC LIMIT 10000");
  query.bind(after_unix);
  while (query.step()) {
    found.push_back({std::string{query.blob(0)}, query.number(1), query.number(2)});
  }
  std::ranges::sort(found, {},
                    [](const known_span& span) { return std::tie(span.name, span.from_unix); });
  return found;
}

void put_known(database& file, const known_span& span) {
  file.prepare("INSERT OR REPLACE INTO known VALUES(?, ?, ?)")
      .bind(span.name)
      .bind(span.from_unix)
      .bind(span.to_unix)
      .run();
}

void prune_known(database& file, std::int64_t before_unix) {
  file.prepare("DELETE FROM known WHERE to_s < ?").bind(before_unix).run();
}

} // namespace xprober::storage
