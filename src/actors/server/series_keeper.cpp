#include "xprober/actors/server/series_keeper.hpp"

#include <utility>
#include <vector>

#include "xprober/actors/error_text.hpp"
#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/clock.hpp"

namespace xprober {

namespace {

/// The store may be busy with what has come meanwhile.
constexpr std::chrono::seconds kept_states_patience{30};

} // namespace

storage::series_file& series_keeper_state::open() {
  if (!file) {
    file = std::make_unique<storage::series_file>(directory);
  }
  return *file;
}

void series_keeper_state::met(const storage::database_error& error) {
  if (!std::exchange(failing, true)) {
    log::error("series", "the states of series cannot be kept; it is tried again every minute",
               {{"error", error.what()}});
  }
}

void series_keeper_state::restore() {
  try {
    const kept_states kept =
        std::make_shared<const std::vector<storage::kept_series>>(open().read());
    log::info("series", "kept states of series are restored", {{"series", kept->size()}});
    self->send(store, kept);
  } catch (const storage::database_error& error) {
    met(error);
  }
  if (!std::exchange(begun, true)) {
    self->delayed_send(self, series_keep_interval, keep_due_atom_v);
  }
}

void series_keeper_state::keep() {
  if (stopped) {
    return;
  }
  self->delayed_send(self, series_keep_interval, keep_due_atom_v);
  if (!walk) { // else the store has no time for what it was asked a minute ago
    begin_walk({});
  }
}

caf::result<done_atom> series_keeper_state::stop() {
  if (!begun || std::exchange(stopped, true)) {
    return done_atom_v;
  }
  auto promise = self->make_response_promise<done_atom>();
  begin_walk([promise]() mutable { promise.deliver(done_atom_v); });
  return promise;
}

/// In the place of one that goes on.
void series_keeper_state::begin_walk(std::function<void()> done) {
  walk = std::make_shared<kept_walk>();
  walk->done = std::move(done);
  ask(walk, {});
}

void series_keeper_state::ask(const std::shared_ptr<kept_walk>& of,
                              const kept_states_request& from) {
  self->request(store, kept_states_patience, from)
      .then([this, of](const kept_page& page) { take(of, page); },
            [this, of](const caf::error& why) {
              log::debug("series", "the store does not say its states now",
                         {{"error", error_sentence(why)}});
              end(of);
            });
}

void series_keeper_state::take(const std::shared_ptr<kept_walk>& of, const kept_page& page) {
  if (of != walk) {
    return;
  }
  if (page.states) {
    for (const auto& series : *page.states) {
      of->pack.add(series);
    }
  }
  if (page.next) {
    ask(of, *page.next);
    return;
  }
  write(of->pack.take());
  end(of);
}

void series_keeper_state::end(const std::shared_ptr<kept_walk>& of) {
  if (of == walk) {
    walk.reset();
  }
  if (of->done) {
    of->done();
  }
}

void series_keeper_state::write(const std::vector<std::string>& pieces) {
  try {
    open().replace_packed(pieces, to_unix_seconds(wall_clock::now()));
    if (std::exchange(failing, false)) {
      log::info("series", "the states of series are kept again");
    }
  } catch (const storage::database_error& error) {
    met(error);
  }
}

series_keeper_actor::behavior_type
series_keeper(series_keeper_actor::stateful_pointer<series_keeper_state> self,
              const std::string& directory, store_actor store, stats_actor stats) {
  guard_actor(self, "series_keeper");
  auto& state = self->state;
  state.self = self;
  state.store = std::move(store);
  state.stats = std::move(stats);
  state.directory = directory;
  const auto metered = [self] {
    return handler_meter{self, actor_kind::series_keeper, self->state.stats};
  };
  return {
      [self, metered](restore_atom) {
        const auto meter = metered();
        self->state.restore();
        return done_atom_v;
      },
      [self, metered](keep_due_atom) {
        const auto meter = metered();
        self->state.keep();
      },
      [self, metered](stop_atom) {
        const auto meter = metered();
        return self->state.stop();
      },
  };
}

} // namespace xprober
