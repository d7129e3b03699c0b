#include "xprober/actors/server/discovered_source.hpp"

#include <utility>

#include "xprober/base/log.hpp"
#include "xprober/domain/clock.hpp"
#include "xprober/domain/string_hash.hpp"
#include "xprober/domain/targets/discovery.hpp"

namespace xprober {

list_format discovered_source::format() const noexcept {
  return is_url ? list_format::json_url : format_of_file(stats.source);
}

bool discovered_source::accept(const read_text& answer, discovery_io& io, const target_room& room) {
  if (!answer.ok()) {
    failed(answer.error);
    return false;
  }
  const bool same = groups != nullptr && hash_bytes(answer.text) == text_hash;
  if (!same) {
    std::string error;
    if (!parse_and_use(answer, io, room, error)) {
      failed(error);
      return false;
    }
    log::info("discovery", "targets have changed",
              {{"source", stats.source}, {"targets", stats.targets}});
    if (stats.left_out > 0) {
      log::warn("discovery", "parts of a list cannot be used and are left out",
                {{"source", stats.source},
                 {"left_out", stats.left_out},
                 {"first", stats.first_left_out}});
    }
    io.keep(stats.source, answer.text);
  }
  if (!stats.last_error.empty()) {
    log::info("discovery", "the source can be used again", {{"source", stats.source}});
  } else if (same && !is_url && stats.ok > 0) {
    return false; // nothing is new
  }
  stats.last_error.clear();
  stats.kept = false;
  ++stats.ok;
  stats.last_ok_unix = to_unix_seconds(wall_clock::now());
  return !same;
}

void discovered_source::restore(discovery_io& io, const target_room& room) {
  if (groups) {
    return;
  }
  const auto kept = io.kept(stats.source);
  if (!kept.ok()) {
    return;
  }
  std::string error;
  if (!parse_and_use(kept, io, room, error)) {
    log::warn("discovery", "the list kept from before the start cannot be used",
              {{"source", stats.source}, {"error", error}});
    return;
  }
  stats.kept = true;
  log::info("discovery", "the list kept from before the start is used until there is a new one",
            {{"source", stats.source}, {"targets", stats.targets}});
}

std::string discovered_source::measure(const target_room& room) {
  return groups ? use(*groups, bad_labels, room) : std::string{};
}

/// A list that cannot be used leaves the source as it was.
bool discovered_source::parse_and_use(const read_text& text, discovery_io& io,
                                      const target_room& room, std::string& error) {
  auto list = io.parse(text.text, stats.source, format(), room.max_targets);
  error = list.ok() ? use(list.groups, list.bad, room) : std::move(list.error);
  if (error.empty()) {
    text_hash = hash_bytes(text.text);
    groups = std::make_shared<const group_list>(std::move(list.groups));
    bad_labels = std::move(list.bad);
  }
  return error.empty();
}

/// Counts what a list comes to, unless that cannot be used.
std::string discovered_source::use(const group_list& list, const left_out& labels,
                                   const target_room& room) {
  auto found = measure_list(list, defaults, stats.source, room);
  if (!found.error.empty()) {
    return found.error;
  }
  written = stats.targets = found.written;
  auto bad = labels;
  bad.add(found.bad);
  stats.left_out = bad.count;
  stats.first_left_out = bad.named.empty() ? std::string{} : bad.named.front();
  return {};
}

void discovered_source::failed(const std::string& error) {
  ++stats.failed;
  if (stats.last_error != error) {
    stats.last_error = error;
    log::warn("discovery", "a list cannot be used; the last good one stays in force",
              {{"source", stats.source}, {"targets", stats.targets}, {"error", error}});
  }
}

} // namespace xprober
