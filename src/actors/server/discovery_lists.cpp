// What the discovery actor does with one list: judges it, keeps it, and says what is wrong.

#include "xprober/actors/server/discovery.hpp"

#include <utility>

#include "xprober/base/log.hpp"
#include "xprober/domain/string_hash.hpp"

namespace xprober {

bool discovery_state::accept(source& s, const read_text& answer, list_format format) {
  if (!answer.ok()) {
    failed(s, answer.error);
    return false;
  }
  const auto hash = hash_bytes(answer.text);
  const bool same = s.groups != nullptr && hash == s.text_hash;
  if (!same) {
    auto list = io->parse(answer.text, s.stats.source, format);
    std::string error = std::move(list.error);
    if (!error.empty() || !use(s, std::move(list.groups), error)) {
      failed(s, error);
      return false;
    }
    s.text_hash = hash;
    log::info("discovery", "targets have changed",
              {{"source", s.stats.source}, {"targets", s.stats.targets}});
    io->keep(s.stats.source, answer.text);
  }
  if (!s.stats.last_error.empty()) {
    log::info("discovery", "the source can be used again", {{"source", s.stats.source}});
  } else if (same && !s.is_url && s.stats.ok > 0) {
    return false; // nothing is new
  }
  s.stats.last_error.clear();
  s.stats.kept = false;
  ++s.stats.ok;
  s.stats.last_ok_unix = to_unix_seconds(wall_clock::now());
  return !same;
}

bool discovery_state::use(source& s, std::vector<discovered_group> groups, std::string& error) {
  const auto found = entries_of(groups, s.defaults, s.stats.source);
  const auto beside = configured_written + written_by_sources() - s.written;
  const auto fits = expand_targets(found.entries, config.configured.max_targets, beside);
  if (!found.error.empty() || !fits.catalog) {
    error = found.error.empty() ? fits.error : found.error;
    return false;
  }
  s.groups = std::make_shared<const group_list>(std::move(groups));
  s.written = s.stats.targets = fits.written;
  return true;
}

void discovery_state::restore(source& s) {
  if (s.groups) {
    return;
  }
  const auto kept = io->kept(s.stats.source);
  if (!kept.ok()) {
    return;
  }
  const auto format = s.is_url ? list_format::json_url : format_of_file(s.stats.source);
  auto list = io->parse(kept.text, s.stats.source, format);
  std::string error = std::move(list.error);
  if (!error.empty() || !use(s, std::move(list.groups), error)) {
    log::warn("discovery", "the list kept from before the start cannot be used",
              {{"source", s.stats.source}, {"error", error}});
    return;
  }
  s.text_hash = hash_bytes(kept.text);
  s.stats.kept = true;
  log::info("discovery", "the list kept from before the start is used until there is a new one",
            {{"source", s.stats.source}, {"targets", s.stats.targets}});
}

void discovery_state::failed(source& s, const std::string& error) {
  ++s.stats.failed;
  if (s.stats.last_error != error) {
    s.stats.last_error = error;
    log::warn("discovery", "a list cannot be used; the last good one stays in force",
              {{"source", s.stats.source}, {"targets", s.stats.targets}, {"error", error}});
  }
}

std::uint64_t discovery_state::written_by_sources() const {
  std::uint64_t sum = 0;
  for (const auto& s : sources) {
    sum += s.written;
  }
  return sum;
}

} // namespace xprober
