#include "xprober/actors/server/discovery.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fnmatch.h>

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/string_hash.hpp"

namespace xprober {

namespace {

constexpr std::chrono::seconds publish_timeout{60};

std::string folder_of(const std::string& pattern) {
  const auto slash = pattern.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : pattern.substr(0, slash);
}

/// Sends `parts` to the actor, if it still lives: for callbacks on other threads.
class caller {
public:
  explicit caller(discovery_actor::pointer self)
      : me_(caf::actor_cast<caf::weak_actor_ptr>(discovery_actor{self})) {}

  template <class... Ts>
  void send(Ts&&... parts) const {
    if (const auto alive = me_.lock()) {
      caf::anon_send(caf::actor_cast<discovery_actor>(alive), std::forward<Ts>(parts)...);
    }
  }

private:
  caf::weak_actor_ptr me_;
};

} // namespace

// -- configuration --------------------------------------------------------------------------------

discovery_state::source* discovery_state::find(std::uint64_t id) {
  const auto at = std::ranges::find(sources, id, &source::id);
  return at == sources.end() ? nullptr : &*at;
}

discovery_state::source* discovery_state::find(std::string_view source_name, bool is_url) {
  const auto at = std::ranges::find_if(sources, [&](const source& s) {
    return s.is_url == is_url && s.stats.source == source_name;
  });
  return at == sources.end() ? nullptr : &*at;
}

discovery_state::source discovery_state::make_source(std::string source_name,
                                                     const discovery_defaults& defaults) {
  source made;
  made.id = ++last_id;
  made.stats.source = std::move(source_name);
  made.defaults = defaults;
  return made;
}

void discovery_state::add_files(std::vector<source>& out, const target_file_source& entry,
                                bool keep_gone) {
  for (const auto& pattern : entry.files) {
    const auto found = io->find_files(pattern);
    std::set<std::string> paths{found.begin(), found.end()};
    if (sources.empty()) { // the start: a folder may not be mounted yet
      for (auto& kept : io->kept_names()) {
        if (::fnmatch(pattern.c_str(), kept.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0) {
          paths.insert(std::move(kept));
        }
      }
    }
    for (const auto& s : sources) {
      if (keep_gone && !s.is_url && s.pattern == pattern) {
        paths.insert(s.stats.source);
      }
    }
    for (const auto& path : paths) {
      // A file that several patterns match belongs to the first.
      if (std::ranges::any_of(out, [&](const source& s) { return s.stats.source == path; })) {
        continue;
      }
      const auto* known = find(path, false);
      out.push_back(known != nullptr ? *known : make_source(path, entry.defaults));
      out.back().defaults = entry.defaults;
      out.back().pattern = pattern;
    }
  }
}

std::vector<discovery_state::source> discovery_state::sources_of(const discovery_config& next,
                                                                 bool keep_gone) {
  std::vector<source> result;
  for (const auto& entry : next.files) {
    add_files(result, entry, keep_gone);
  }
  for (const auto& entry : next.urls) {
    const auto* known = find(entry.url, true);
    auto s = known != nullptr ? *known : make_source(entry.url, entry.defaults);
    if (known == nullptr || !(known->url == entry)) {
      s.id = ++last_id; // what was asked for under the old settings no longer counts
      s.in_flight = false;
      s.retry = {std::chrono::seconds{1}, entry.refresh_interval, 2.0, hash_bytes(entry.url)};
    }
    s.is_url = true;
    s.url = entry;
    s.defaults = entry.defaults;
    result.push_back(std::move(s));
  }
  return result;
}

pool_report discovery_state::prepare(const discovery_config& next) {
  const auto now = configured_written + written_by_sources();
  const auto& own = next.configured;
  const auto expanded = expand_targets(own.entries, own.max_targets);
  if (!expanded.catalog) {
    return {now, "prober_targets: " + expanded.error};
  }
  auto candidates = sources_of(next, false);
  // What is at hand must fit the new defaults and the new limit, or targets would go that nobody
  // wants to go.
  auto total = expanded.written;
  for (auto& s : candidates) {
    if (!s.groups) {
      continue;
    }
    auto found = entries_of(*s.groups, s.defaults, s.stats.source);
    const auto fits = expand_targets(found.entries, own.max_targets, total);
    if (!found.error.empty() || !fits.catalog) {
      return {now, "discovered targets: " + (found.error.empty() ? fits.error : found.error)};
    }
    s.written = s.stats.targets = fits.written;
    total += fits.written;
  }
  prepared = {next, expanded.written, std::move(candidates)};
  return {total, {}};
}

pool_report discovery_state::commit() {
  if (!prepared) {
    return {configured_written + written_by_sources(), {}};
  }
  std::set<std::uint64_t> old_ids;
  for (const auto& s : sources) {
    old_ids.insert(s.id);
  }
  config = std::move(prepared->config);
  configured_written = prepared->configured_written;
  sources = std::move(prepared->sources);
  prepared.reset();
  read_files();
  std::vector<std::string> names;
  for (auto& s : sources) {
    names.push_back(s.stats.source);
    if (s.is_url && !old_ids.contains(s.id)) {
      restore(s);
      ask_later(s, nanoseconds{0});
    }
  }
  io->keep_only(names);
  watch_folders();
  arm_rescan();
  holding = holding && !all_asked();
  if (holding && !std::exchange(wait_armed, true)) {
    self->delayed_send(self, first_lists_wait, wait_over_atom_v);
  }
  tell();
  catch_up();
  return {configured_written + written_by_sources(), {}};
}

void discovery_state::abandon() {
  prepared.reset();
  catch_up();
}

/// What came while a configuration was prepared.
void discovery_state::catch_up() {
  for (const auto& fetched : std::exchange(fetched_after, {})) {
    take(fetched);
  }
  if (std::exchange(look_after, false)) {
    look_at_files();
  }
}

void discovery_state::watch_folders() {
  std::set<std::string> folders;
  for (const auto& entry : config.files) {
    for (const auto& pattern : entry.files) {
      folders.insert(folder_of(pattern));
    }
  }
  io->watch({folders.begin(), folders.end()},
            [me = caller{self}] { me.send(folder_changed_atom_v); });
}

// -- files ----------------------------------------------------------------------------------------

void discovery_state::arm_rescan() {
  ++rescan;
  if (config.files.empty()) {
    return;
  }
  const auto soonest = std::ranges::min_element(config.files, {}, [](const auto& entry) {
                         return entry.refresh_interval;
                       })->refresh_interval;
  self->delayed_send(self, soonest, rescan_due{rescan});
}

void discovery_state::read_files() {
  for (auto& s : sources) {
    if (s.is_url) {
      continue;
    }
    const auto& path = s.stats.source;
    accept(s, io->read_file(path, max_list_file_bytes), format_of_file(path));
    if (!s.groups) {
      restore(s);
    }
  }
}

void discovery_state::look_at_files() {
  if (prepared) {
    look_after = true;
    return;
  }
  const auto before = written_by_sources();
  sources = sources_of(config, true);
  bool changed = written_by_sources() != before;
  for (auto& s : sources) {
    if (!s.is_url) {
      const auto& path = s.stats.source;
      changed =
          accept(s, io->read_file(path, max_list_file_bytes), format_of_file(path)) || changed;
    }
  }
  tell();
  if (changed) {
    publish();
  }
}

// -- URLs -----------------------------------------------------------------------------------------

void discovery_state::ask_later(const source& s, nanoseconds wait) {
  self->delayed_send(self, wait, source_due{s.id});
}

void discovery_state::ask(std::uint64_t id) {
  auto* s = find(id);
  if (s == nullptr || s->in_flight) {
    return;
  }
  auto authorization = io->authorization(s->url);
  if (!authorization.ok()) {
    take({id, {{}, std::move(authorization.error)}});
    return;
  }
  s->in_flight = true;
  io->fetch({s->url, std::move(authorization.text)}, [me = caller{self}, id](read_text answer) {
    me.send(fetched_list{id, std::move(answer)});
  });
}

void discovery_state::take(const fetched_list& fetched) {
  if (prepared) {
    fetched_after.push_back(fetched);
    return;
  }
  auto* s = find(fetched.source);
  if (s == nullptr) {
    return;
  }
  s->in_flight = false;
  s->tried = true;
  const bool changed = accept(*s, fetched.answer, list_format::json_url);
  if (s->stats.last_error.empty()) {
    s->retry.reset();
    ask_later(*s, s->url.refresh_interval);
  } else {
    ask_later(*s, s->retry.next());
  }
  tell();
  if (holding && all_asked()) {
    release();
  } else if (changed) {
    publish();
  }
}

bool discovery_state::all_asked() const {
  return std::ranges::none_of(
      sources, [](const source& s) { return s.is_url && !s.tried && s.groups == nullptr; });
}

void discovery_state::release() {
  holding = false;
  publish();
}

void discovery_state::end_wait() {
  if (holding) {
    log::warn("discovery", "not every URL has answered; the server begins without its targets");
    release();
  }
}

// -- what comes of it -----------------------------------------------------------------------------

pool_config discovery_state::merged() const {
  auto all = config.configured;
  for (const auto& s : sources) {
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

void discovery_state::publish() {
  if (holding) {
    return;
  }
  if (auto next = merged(); next.catalog) {
    caf::anon_send(pool, std::move(next));
  }
}

void discovery_state::tell() {
  discovery_stats all;
  for (const auto& s : sources) {
    all.sources.push_back(s.stats);
  }
  self->send(stats, std::move(all));
}

discovery_actor::behavior_type discovery(discovery_actor::stateful_pointer<discovery_state> self,
                                         std::shared_ptr<discovery_io> io, target_pool_actor pool,
                                         stats_actor stats) {
  guard_actor(self, "discovery");
  auto& state = self->state;
  state.self = self;
  state.io = std::move(io);
  state.pool = std::move(pool);
  state.stats = std::move(stats);
  return {
      [self](prepare_atom, const discovery_config& next) {
        const handler_meter meter{self, actor_kind::discovery, self->state.stats};
        self->state.abandon();
        return self->state.prepare(next);
      },
      [self](commit_atom) -> caf::result<pool_report> {
        const handler_meter meter{self, actor_kind::discovery, self->state.stats};
        auto report = self->state.commit();
        if (self->state.holding) {
          return report;
        }
        auto all = self->state.merged();
        if (!all.catalog) {
          report.error = "the discovered targets do not fit together; the log has the reason";
          return report;
        }
        // Answered when the targets are in force.
        auto promise = self->make_response_promise<pool_report>();
        self->request(self->state.pool, publish_timeout, std::move(all))
            .then(
                [promise, report](const pool_report& of_pool) mutable {
                  report.error = of_pool.error;
                  promise.deliver(report);
                },
                [promise](caf::error& error) mutable { promise.deliver(std::move(error)); });
        return promise;
      },
      [self](abandon_atom) { self->state.abandon(); },
      [self](folder_changed_atom) {
        const handler_meter meter{self, actor_kind::discovery, self->state.stats};
        self->state.look_at_files();
      },
      [self](const rescan_due& due) {
        if (due.generation == self->state.rescan) {
          self->state.look_at_files();
          self->state.arm_rescan();
        }
      },
      [self](const source_due& due) { self->state.ask(due.source); },
      [self](const fetched_list& fetched) {
        const handler_meter meter{self, actor_kind::discovery, self->state.stats};
        self->state.take(fetched);
      },
      [self](wait_over_atom) { self->state.end_wait(); },
  };
}

} // namespace xprober
