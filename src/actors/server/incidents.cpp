#include "xprober/actors/server/incidents.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/actors/server/certificate_sightings.hpp"
#include "xprober/base/log.hpp"
#include "xprober/store/group_terms.hpp"

namespace xprober {

namespace {

constexpr std::chrono::hours incident_prune_interval{1};
constexpr std::chrono::seconds certificate_timeout{30};
constexpr std::chrono::seconds known_timeout{30};
/// So many certificates are named in incidents, and so many targets of each.
constexpr std::size_t most_named_chains = 1000;
/// So long before its end a certificate is asked for: an hour more than it is told, so that none is
/// told late.
constexpr auto certificate_time = certificate_info + std::chrono::hours{1};
constexpr std::size_t kinds_and_severities = 4 * 3;

incident_settings settings_of(const incident_rules& rules) {
  incident_settings settings;
  settings.results = rules.results;
  settings.labels = rules.labels;
  return settings;
}

lost_agents lost_among(const agent_listing& listing) {
  std::vector<lost_agents::one> all;
  for (const auto& line : listing.agents) {
    if (line.state == agent_state::lost) {
      all.push_back({line.agent});
    }
  }
  return lost_agents{std::move(all)};
}

void tell_event(const events_actor& events, decltype(event_record::what) what) {
  if (events) {
    caf::anon_send(events, event_record{std::move(what)});
  }
}

} // namespace

bool incidents_state::write() {
  return keeper.write([this](incident_change&& change) {
    tell_event(from.events, std::make_shared<const incident>(std::move(change.now)));
  });
}

void incidents_state::keep(std::vector<incident_change> changes) {
  for (auto& change : changes) {
    const bool opened = change.has(incident_event::opened);
    const bool closed = !change.now.open();
    counts.opened += opened ? 1 : 0;
    counts.closed += closed ? 1 : 0;
    if (opened || closed) {
      log::warn("incidents", opened ? "incident opened" : "incident closed",
                {{"id", change.now.id}, {"summary", change.now.summary}});
    }
    keeper.add(std::move(change));
  }
  write();
}

// -- judging --------------------------------------------------------------------------------------

void incidents_state::configure(const incident_rules& next) {
  rules = next;
  book.configure(settings_of(rules));
  keeper.set_receivers(rules.receivers);
}

caf::result<done_atom> incidents_state::take_changes(const series_changes_ptr& changes) {
  if (pictures.empty()) {
    board->take(*changes);
    return done_atom_v;
  }
  auto promise = self->make_response_promise<done_atom>();
  held.changes.emplace_back(changes, promise);
  return promise;
}

void incidents_state::take_labels(const target_labels_ptr& next) {
  labels = next;
  if (pictures.empty()) {
    board->set_labels(next);
  } else {
    held.labels = next;
  }
}

void incidents_state::take_agents(const agent_listing_ptr& listing) {
  if (!pictures.empty()) {
    held.agents = listing;
    return;
  }
  lost = lost_among(*listing);
  board->set_agents(*listing);
  tell_agents(*listing);
  if (!std::exchange(begun, true)) {
    const auto me = caf::actor_cast<caf::actor>(self);
    self->send(from.store, watch_states{me});
    self->send(from.pool, watch_labels{me});
    self->send(self, look_atom_v);
    self->delayed_send(self, first_certificate_look, certificates_atom_v);
  }
}

void incidents_state::tell_agents(const agent_listing& listing) {
  decltype(agents) now;
  for (const auto& line : listing.agents) {
    const std::pair key{line.agent.region, line.agent.local_ip};
    const auto known = agents.find(key);
    if (known == agents.end() || known->second != line.state) {
      tell_event(from.events, line);
    }
    now.emplace(key, line.state);
  }
  agents = std::move(now);
}

void incidents_state::tell_states() {
  for (auto& counts_of_kind : board->state_totals()) {
    tell_event(from.events, std::move(counts_of_kind));
  }
}

/// The history of what an open incident names is kept target by target, the newest incident first.
void incidents_state::watch_closely() {
  if (!from.history) {
    return;
  }
  watch_targets wanted{{}, "incidents"};
  std::vector<std::vector<target_uid>> found; // the oldest first
  book.for_each_open([&](const incident& one) { found.push_back(board->targets_of(one)); });
  for (auto targets = found.rbegin(); targets != found.rend(); ++targets) {
    std::ranges::move(*targets, std::back_inserter(wanted.targets));
  }
  if (!wanted.targets.empty()) {
    self->send(from.history, std::move(wanted));
  }
}

/// One step of what comes before a look; false: there is nothing left. With half a picture, what is
/// not told yet would look as if it were not probed.
bool incidents_state::prepare() {
  if (!board->complete()) {
    self->delayed_send(self, look_interval, look_atom_v);
    return true;
  }
  if (board->regroup_some()) {
    self->send(self, look_atom_v);
    return true;
  }
  return false;
}

void incidents_state::look() {
  if (!pictures.empty()) {
    judge();
    return;
  }
  keeper.return_to_disk(self->clock().now());
  if (prepare()) {
    return;
  }
  const auto began = std::chrono::steady_clock::now();
  pictures = board->pictures(wall_clock::now());
  look_took = std::chrono::steady_clock::now() - began;
  self->send(self, look_atom_v);
}

void incidents_state::judge() {
  const auto began = std::chrono::steady_clock::now();
  const auto opened = counts.opened;
  keep(book.observe(pictures, keeper.mutes(), wall_clock::now()));
  pictures.clear();
  if (counts.opened != opened) {
    watch_closely();
  }
  tell_states();
  const auto took = look_took + (std::chrono::steady_clock::now() - began);
  ++counts.looks;
  counts.last_look_ms = to_ms(took);
  report();
  take_held();
  self->delayed_send(self, std::max<nanoseconds>(look_interval, took * look_share), look_atom_v);
}

void incidents_state::take_held() {
  auto waited = std::exchange(held, {});
  if (waited.agents) {
    take_agents(waited.agents);
  }
  if (waited.labels) {
    board->set_labels(*waited.labels);
  }
  for (auto& [changes, promise] : waited.changes) {
    board->take(*changes);
    promise.deliver(done_atom_v);
  }
}

void incidents_state::look_at_certificates() {
  self->delayed_send(self, certificate_interval, certificates_atom_v);
  watch_closely();
  note_known();
  certificate_request wanted;
  wanted.until_unix = to_unix_seconds(wall_clock::now() + certificate_time);
  book.for_each_open([&](const incident& one) {
    if (!one.certificate.empty()) {
      std::ranges::copy(one.targets.names, std::back_inserter(wanted.targets));
    }
  });
  std::ranges::sort(wanted.targets);
  const auto until = wanted.until_unix;
  self->request(from.store, certificate_timeout, std::move(wanted))
      .then([this, until](const certificate_list& seen) { name_certificates(seen, until); },
            [](const caf::error&) {
              log::warn("incidents", "the store did not say in time which certificates there are");
            });
}

void incidents_state::note_known() {
  if (rules.groups.empty()) {
    return;
  }
  const auto question = std::make_shared<target_question>();
  question->labels = labels;
  question->lost = lost;
  question->tally = matchers_question(rules.groups);
  self->request(from.store, known_timeout, store_query{false, question})
      .then([this](const store_view& counted) { keep_known(*counted); },
            [](const caf::error&) {
              log::warn("incidents", "the store did not say in time of which groups it knows");
            });
}

void incidents_state::keep_known(const store_snapshot& counted) {
  std::vector<std::string> names;
  for (const auto& line : counted.tally) {
    if (known_of(line.states) > 0) {
      names.push_back(line.name);
    }
  }
  try {
    keeper.file().note_known(names, wall_clock::now());
  } catch (const storage::database_error& error) {
    log::debug("incidents", "what is known of groups cannot be kept", {{"error", error.what()}});
    keeper.recover(error);
  }
}

/// Which one of the chain it is that ends; without that the incident names none.
void incidents_state::name_certificates(const certificate_list& seen, std::int64_t until_unix) {
  if (!from.chains || seen->empty()) {
    judge_certificates(*seen, nullptr);
    return;
  }
  chain_query wanted;
  wanted.until_unix = until_unix;
  wanted.limit = wanted.targets = most_named_chains;
  wanted.witnesses = 0;
  self->request(from.chains, certificate_timeout, std::move(wanted))
      .then([this, seen](const chain_page_ptr& chains) { judge_certificates(*seen, chains.get()); },
            [this, seen](const caf::error&) { judge_certificates(*seen, nullptr); });
}

void incidents_state::judge_certificates(const std::vector<seen_certificate>& seen,
                                         const chain_page* chains) {
  if (!board->complete()) {
    return;
  }
  const auto wanted = [this](std::string_view target) { return board->is_probed(target); };
  keep(book.observe_certificates(certificate_sightings(seen, chains, labels.get()), wanted,
                                 keeper.mutes(), wall_clock::now()));
}

void incidents_state::prune() {
  try {
    keeper.file().prune({}, wall_clock::now());
    keeper.read_mutes();
  } catch (const storage::database_error& error) {
    log::debug("incidents", "old incidents cannot be dropped now", {{"error", error.what()}});
    keeper.recover(error);
  }
  self->delayed_send(self, incident_prune_interval, prune_atom_v);
}

void incidents_state::count_open() {
  counts.open.clear();
  counts.open.reserve(kinds_and_severities);
  for (const auto kind :
       {incident_kind::target, incident_kind::source, incident_kind::path, incident_kind::prober}) {
    for (const auto severity :
         {incident_severity::info, incident_severity::warning, incident_severity::critical}) {
      counts.open.push_back({kind, severity, 0});
    }
  }
  book.for_each_open([&](const incident& one) {
    const auto place =
        static_cast<std::size_t>(one.kind) * 3 + static_cast<std::size_t>(one.severity);
    ++counts.open[place].incidents;
  });
}

void incidents_state::report() {
  count_open();
  counts.left_out = book.left_out();
  counts.dropped = keeper.dropped();
  counts.problem = keeper.problem();
  try {
    counts.queued = keeper.file().queued();
  } catch (const storage::database_error& error) {
    log::debug("incidents", "the queue cannot be counted now", {{"error", error.what()}});
  }
  self->send(from.stats, counts);
}

// -- behaviours -----------------------------------------------------------------------------------

incidents_actor::behavior_type incidents(incidents_actor::stateful_pointer<incidents_state> self,
                                         const std::string& directory, const incident_rules& rules,
                                         std::uint32_t parts, incident_sources from) {
  guard_actor(self, "incidents");
  auto& state = self->state;
  state.self = self;
  state.from = std::move(from);
  state.board = std::make_unique<incident_board>(parts);
  state.keeper.open(directory, self->clock().now());
  state.configure(rules);
  state.report();
  self->send(state.from.registry, watch_agents{caf::actor_cast<caf::actor>(self)});
  self->delayed_send(self, incident_prune_interval, prune_atom_v);
  const auto metered = [self] {
    return handler_meter{self, actor_kind::incidents, self->state.from.stats};
  };
  const auto metered_from = [self](actor_kind sender) {
    return handler_meter{self, actor_kind::incidents, self->state.from.stats, sender};
  };
  return {
      [self, metered](const series_changes_ptr& changes) {
        const auto meter = metered();
        return self->state.take_changes(changes);
      },
      [self, metered_from](const agent_listing_ptr& listing) {
        const auto meter = metered_from(actor_kind::registry);
        self->state.take_agents(listing);
      },
      [self, metered_from](const target_labels_ptr& labels) {
        const auto meter = metered_from(actor_kind::target_pool);
        self->state.take_labels(labels);
      },
      [self](const incident_rules& next) { self->state.configure(next); },
      [self, metered](look_atom) {
        const auto meter = metered();
        self->state.look();
      },
      [self](certificates_atom) { self->state.look_at_certificates(); },
      [self, metered](prune_atom) {
        const auto meter = metered();
        self->state.prune();
      },
      [self](report_atom) {
        self->state.report();
        return done_atom_v;
      },
      [self, metered](const notice_request& request) {
        const auto meter = metered();
        return self->state.answers.due(request);
      },
      [self](const notices_told& by) { return self->state.answers.told(by); },
      [self](open_incidents_atom) { return self->state.answers.open_incidents(); },
      [self, metered](const incident_request& request) {
        const auto meter = metered();
        return self->state.answers.list(request);
      },
      [self](const incident_by_id& wanted) { return self->state.answers.find(wanted.id); },
      [self](const acknowledge_incident& request) {
        return self->state.answers.acknowledge(request);
      },
      [self](get_mutes_atom) { return self->state.answers.mutes(); },
      [self](const add_mute& request) { return self->state.answers.mute_by(request); },
      [self](const remove_mute& gone) { return self->state.answers.unmute(gone.id); },
  };
}

} // namespace xprober
