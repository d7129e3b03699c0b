#include "xprober/actors/server/discovered_sources.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include <fnmatch.h>

#include "xprober/base/log.hpp"
#include "xprober/domain/targets/target_catalog.hpp"
#include "xprober/domain/url_secrets.hpp"

namespace xprober {

// -- configuration --------------------------------------------------------------------------------

pool_report discovered_sources::prepare(const discovery_config& next) {
  const auto now = configured_written_ + written_by_sources();
  const auto& own = next.configured;
  const auto expanded = expand_targets(own.entries, own.max_targets);
  if (!expanded.catalog) {
    return {now, "prober_targets: " + expanded.error};
  }
  auto candidates = sources_of(next, false);
  auto total = expanded.written;
  for (auto& s : candidates) {
    if (const auto problem = s.measure({own.max_targets, total}); !problem.empty()) {
      return {now, "discovered targets: " + problem};
    }
    total += s.written;
  }
  prepared_ = {next, expanded.written, std::move(candidates)};
  return {total, {}};
}

discovered_sources::outcome discovered_sources::commit() {
  outcome done;
  std::set<std::uint64_t> old_ids;
  std::ranges::transform(sources_, std::inserter(old_ids, old_ids.end()), &discovered_source::id);
  const bool fresh = prepared_.has_value();
  if (fresh) {
    config_ = std::move(prepared_->config);
    configured_written_ = prepared_->configured_written;
    sources_ = std::move(prepared_->sources);
    prepared_.reset();
  }
  std::vector<std::string> names;
  for (auto& s : sources_) {
    names.push_back(s.stats.source);
    if (!s.is_url && fresh) {
      accept_file(s);
      s.restore(*io_, room_for(s));
    }
  }
  for (auto& s : sources_) {
    if (!s.is_url) {
      continue;
    }
    done.urls.push_back(s.id);
    if (!old_ids.contains(s.id)) {
      s.restore(*io_, room_for(s));
      done.new_urls.push_back(s.id);
    }
  }
  io_->keep_only(names);
  done.report.targets = configured_written_ + written_by_sources();
  return done;
}

std::vector<discovered_source> discovered_sources::sources_of(const discovery_config& next,
                                                              bool keep_gone) {
  std::vector<discovered_source> result;
  for (const auto& entry : next.files) {
    add_files(result, entry, keep_gone);
  }
  for (const auto& entry : next.urls) {
    const auto name = shown_url(entry.url);
    const auto* known = find(name, true);
    auto s = known != nullptr ? *known : make_source(name);
    if (known != nullptr && !(known->url == entry)) {
      s.id = ++last_id_; // what was asked for under the old settings no longer counts
    }
    s.is_url = true;
    s.url = entry;
    s.defaults = entry.defaults;
    result.push_back(std::move(s));
  }
  return result;
}

void discovered_sources::add_files(std::vector<discovered_source>& out,
                                   const target_file_source& entry, bool keep_gone) {
  for (const auto& pattern : entry.files) {
    const auto found = io_->find_files(pattern);
    std::set<std::string> paths{found.begin(), found.end()};
    if (sources_.empty()) { // the start: a folder may not be mounted yet
      for (auto& kept : io_->kept_names()) {
        if (::fnmatch(pattern.c_str(), kept.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0) {
          paths.insert(std::move(kept));
        }
      }
    }
    for (const auto& s : sources_) {
      if (keep_gone && !s.is_url && s.pattern == pattern) {
        paths.insert(s.stats.source);
      }
    }
    for (const auto& path : paths) {
      // A file that several patterns match belongs to the first.
      if (std::ranges::any_of(out, [&](const auto& s) { return s.stats.source == path; })) {
        continue;
      }
      const auto* known = find(path, false);
      out.push_back(known != nullptr ? *known : make_source(path));
      out.back().defaults = entry.defaults;
      out.back().pattern = pattern;
    }
  }
}

discovered_source discovered_sources::make_source(std::string name) {
  discovered_source made;
  made.id = ++last_id_;
  made.stats.source = std::move(name);
  return made;
}

// -- lists ----------------------------------------------------------------------------------------

bool discovered_sources::accept_file(discovered_source& s) {
  return s.accept(io_->read_file(s.stats.source, max_list_file_bytes), *io_, room_for(s));
}

bool discovered_sources::read_files() {
  const auto before = written_by_sources();
  sources_ = sources_of(config_, true);
  bool changed = written_by_sources() != before;
  for (auto& s : sources_) {
    changed = (!s.is_url && accept_file(s)) || changed;
  }
  return changed;
}

bool discovered_sources::take(std::uint64_t id, const read_text& answer) {
  const auto at = std::ranges::find(sources_, id, &discovered_source::id);
  at->tried = true;
  return at->accept(answer, *io_, room_for(*at));
}

// -- what there is --------------------------------------------------------------------------------

const discovered_source* discovered_sources::find(std::uint64_t id) const {
  const auto at = std::ranges::find(sources_, id, &discovered_source::id);
  return at == sources_.end() || !at->is_url ? nullptr : &*at;
}

const discovered_source* discovered_sources::find(std::string_view name, bool is_url) const {
  const auto at = std::ranges::find_if(
      sources_, [&](const auto& s) { return s.is_url == is_url && s.stats.source == name; });
  return at == sources_.end() ? nullptr : &*at;
}

bool discovered_sources::all_asked() const {
  return std::ranges::none_of(
      sources_, [](const auto& s) { return s.is_url && !s.tried && s.groups == nullptr; });
}

target_room discovered_sources::room_for(const discovered_source& s) const {
  return {config_.configured.max_targets, configured_written_ + written_by_sources() - s.written};
}

std::uint64_t discovered_sources::written_by_sources() const {
  std::uint64_t sum = 0;
  for (const auto& s : sources_) {
    sum += s.written;
  }
  return sum;
}

pool_config discovered_sources::merged() const {
  auto all = config_.configured;
  for (const auto& s : sources_) {
    if (s.groups) {
      auto found = entries_of(*s.groups, s.defaults, s.stats.source);
      std::ranges::move(found.entries, std::back_inserter(all.entries));
    }
  }
  auto expanded = expand_targets(all.entries, all.max_targets);
  if (!expanded.catalog) {
    log::error("discovery", "the lists do not fit together", {{"error", expanded.error}});
  }
  return {{}, all.max_targets, all.mesh, std::move(expanded.catalog)};
}

discovery_stats discovered_sources::stats() const {
  discovery_stats all;
  for (const auto& s : sources_) {
    all.sources.push_back(s.stats);
  }
  return all;
}

} // namespace xprober
