#include "xprober/actors/server/discovery.hpp"

#include <algorithm>
#include <utility>

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"

namespace xprober {

namespace {

constexpr std::chrono::seconds publish_timeout{60};

/// Sends `parts` to the actor, if it still lives: for callbacks on other threads.
class answer_sender {
public:
  explicit answer_sender(discovery_actor::pointer self)
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

pool_report discovery_state::prepare(const discovery_config& next) {
  return sources->prepare(next);
}

pool_report discovery_state::commit() {
  const auto done = sources->commit();
  urls.keep_only(done.urls);
  for (const auto id : done.new_urls) {
    const auto& url = sources->find(id)->url;
    urls.add(id, url.url, url.refresh_interval);
    self->send(self, source_due{id});
  }
  watch_files();
  arm_rescan();
  holding = holding && !sources->all_asked();
  if (holding && !std::exchange(wait_armed, true)) {
    self->delayed_send(self, first_lists_wait, wait_over_atom_v);
  }
  tell();
  catch_up();
  return done.report;
}

void discovery_state::abandon() {
  sources->abandon();
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

// -- files ----------------------------------------------------------------------------------------

void discovery_state::watch_files() {
  std::vector<std::string> patterns;
  for (const auto& entry : sources->config().files) {
    patterns.insert(patterns.end(), entry.files.begin(), entry.files.end());
  }
  io->watch(patterns, [me = answer_sender{self}] { me.send(folder_changed_atom_v); });
}

void discovery_state::arm_rescan() {
  ++rescan;
  const auto& files = sources->config().files;
  if (files.empty()) {
    return;
  }
  const auto soonest = std::ranges::min_element(files, {}, [](const auto& entry) {
                         return entry.refresh_interval;
                       })->refresh_interval;
  self->delayed_send(self, soonest, rescan_due{rescan});
}

void discovery_state::look_at_files() {
  if (sources->is_prepared()) {
    look_after = true;
    return;
  }
  watch_files();
  const bool changed = sources->read_files();
  tell();
  if (changed) {
    publish();
  }
}

// -- URLs -----------------------------------------------------------------------------------------

void discovery_state::ask(std::uint64_t id) {
  const auto* s = sources->find(id);
  if (s == nullptr || !urls.begin(id)) {
    return;
  }
  auto authorization = io->authorization(s->url);
  if (!authorization.ok()) {
    take({id, {{}, std::move(authorization.error)}});
    return;
  }
  io->fetch({s->url, std::move(authorization.text)},
            [me = answer_sender{self}, id](read_text answer) {
              me.send(fetched_list{id, std::move(answer)});
            });
}

void discovery_state::take(const fetched_list& fetched) {
  if (sources->is_prepared()) {
    fetched_after.push_back(fetched);
    return;
  }
  const auto id = fetched.source;
  const auto* s = sources->find(id);
  if (s == nullptr) {
    return;
  }
  const bool changed = sources->take(id, fetched.answer);
  const auto wait = urls.answered(id, s->stats.last_error.empty());
  self->delayed_send(self, wait, source_due{id});
  tell();
  if (holding && sources->all_asked()) {
    release();
  } else if (changed) {
    publish();
  }
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

void discovery_state::publish() {
  if (holding) {
    return;
  }
  if (auto next = sources->merged(); next.catalog) {
    caf::anon_send(pool, std::move(next));
  }
}

void discovery_state::tell() { self->send(stats, sources->stats()); }

discovery_actor::behavior_type discovery(discovery_actor::stateful_pointer<discovery_state> self,
                                         std::shared_ptr<discovery_io> io, target_pool_actor pool,
                                         stats_actor stats) {
  guard_actor(self, "discovery");
  auto& state = self->state;
  state.self = self;
  state.sources.emplace(io);
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
        auto all = self->state.sources->merged();
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
