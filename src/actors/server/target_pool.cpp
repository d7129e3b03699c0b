#include "xprober/actors/server/target_pool.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/clock.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/domain/spelling.hpp"
#include "xprober/domain/targets/target_set.hpp"
#include "xprober/domain/wire/batch.hpp"

namespace xprober {

namespace {

/// An answer with more targets in it is not copied for one agent: the next one does as well.
constexpr std::uint64_t most_copied = 10'000;

/// The same answer, which also says that there are questions.
targets_answer with_questions(const targets_answer& answer) {
  const auto& a = *answer;
  if (count_targets(a.targets) + count_targets(a.added) + count_targets(a.removed) > most_copied) {
    return answer;
  }
  auto own = std::make_shared<get_targets_response>(a);
  own->questions = true;
  return own;
}

/// A sentence for each region that `source_regions` names and no agent has; the first twenty.
std::vector<std::string> missing_sources(const target_catalog& catalog,
                                         const std::vector<agent_identity>& members) {
  constexpr std::size_t most = 20;
  std::set<std::string_view> there;
  for (const auto& member : members) {
    there.insert(member.region);
  }
  std::map<std::string_view, std::size_t> missing; // and how many targets name it
  for (const auto& slice : catalog.slices) {
    for (const auto& region : slice.rule.source_regions) {
      if (!there.contains(region)) {
        missing[region] += slice.addresses.size();
      }
    }
  }
  const std::vector<std::string_view> known{there.begin(), there.end()};
  std::vector<std::string> lines;
  for (const auto& [region, targets] : missing) {
    if (lines.size() == most) {
      break;
    }
    const auto near = near_name(region, known);
    lines.push_back("no agent has the region " + shown_text(region) +
                    ", which source_regions names; targets that are not probed from there: " +
                    std::to_string(targets) +
                    (near.empty() ? "" : "; do you mean " + std::string{near} + "?"));
  }
  return lines;
}

} // namespace

caf::expected<targets_answer> target_pool_state::answer(const get_targets_request& request) {
  auto list = list_for(request);
  if (!list || !*list || questions.size() == 0 ||
      !questions.waits_for(usual_identity(request.local_region, request.local_ip),
                           self->clock().now())) {
    return list;
  }
  return with_questions(*list);
}

caf::expected<targets_answer> target_pool_state::list_for(const get_targets_request& request) {
  if (!is_region_name(request.local_region)) {
    return caf::make_error(caf::sec::invalid_argument,
                           "GetProberTargets: localRegion is empty or no clean text of at most " +
                               std::to_string(max_region_bytes) + " bytes: set the agent's region");
  }
  if (!lists.universe().catalog) {
    // An empty list with a revision would be obeyed: every target would go.
    return caf::make_error(caf::sec::runtime_error,
                           "GetProberTargets: the server has not read its configuration yet: "
                           "ask again");
  }
  if (!first_asked) {
    first_asked = self->clock().now();
  }
  if (!sources_noted) {
    note_missing_sources();
  }
  auto& list = lists.look_up(request.local_region, request.local_ip);
  if (request.revision == list.revision) {
    return list.unchanged;
  }
  if (in_warm_up(list)) {
    if (!request.revision.empty() && !issued.contains(request.revision)) {
      // The list is from before this server's start, when the mesh had members that have not come
      // back yet: the agent keeps it, and with it the results of those targets.
      auto kept = std::make_shared<get_targets_response>();
      kept->revision = request.revision;
      kept->unchanged = true;
      kept->batch_version = batch_version;
      return targets_answer{std::move(kept)};
    }
    issued.insert(list.revision);
  }
  return lists.answer_from(list, request.differences ? request.revision : "");
}

bool target_pool_state::in_warm_up(const target_lists::entry& list) const {
  return (mesh || list.agents) && self->clock().now() - *first_asked < mesh_warm_up;
}

pool_report target_pool_state::configure(const pool_config& config) {
  auto expanded = config.catalog ? expansion{config.catalog, {}}
                                 : expand_targets(config.entries, config.max_targets);
  if (!expanded.catalog) {
    log::error("target_pool", "targets refused; the last good ones stay in force",
               {{"error", expanded.error}});
    const auto& now = lists.universe();
    return {now.catalog ? now.catalog->total() : 0, expanded.error};
  }
  max_targets = config.max_targets;
  mesh = config.mesh;
  const auto total = expanded.catalog->total();
  log::info("target_pool", "targets configured",
            {{"targets", total}, {"duplicates", expanded.catalog->duplicates}, {"mesh", mesh}});
  auto usable = usable_members(expanded.catalog);
  enter({std::move(expanded.catalog), std::move(usable)});
  note_missing_sources();
  return {total, {}};
}

void target_pool_state::update_mesh(const mesh_update& update) {
  members = update.members;
  const bool others_share = active != update.active;
  active = update.active;
  lists.set_agents(update.active);
  if (const auto catalog = lists.universe().catalog) {
    auto usable = usable_members(catalog);
    const bool told = enter({catalog, std::move(usable)});
    if (others_share && !told) {
      tell_entered();
    }
  }
  tell_wanted();
  note_missing_sources();
}

void target_pool_state::note_missing_sources() {
  const auto& catalog = lists.universe().catalog;
  // Before that agents may be on their way.
  if (!catalog || !first_asked || self->clock().now() - *first_asked < mesh_warm_up) {
    return;
  }
  sources_noted = true;
  auto lines = missing_sources(*catalog, members);
  if (lines == warnings) {
    return;
  }
  for (const auto& line : lines) {
    if (std::ranges::find(warnings, line) == warnings.end()) {
      log::warn("target_pool", line);
    }
  }
  self->send(stats, warnings_report{"target_pool", lines});
  warnings = std::move(lines);
}

std::vector<agent_identity> target_pool_state::usable_members(const catalog_ptr& catalog) const {
  if (!mesh) {
    return {};
  }
  const auto configured = catalog->total();
  const auto room = max_targets - std::min(max_targets, configured);
  if (members.size() <= room) {
    return members;
  }
  log::warn(
      "target_pool", "max_targets leaves no room for the whole mesh: raise it",
      {{"max_targets", max_targets}, {"configured", configured}, {"members", members.size()}});
  return {members.begin(), members.begin() + static_cast<std::ptrdiff_t>(room)};
}

void target_pool_state::add_listener(const caf::actor& listener) {
  label_listeners.push_back(listener);
  caf::anon_send(listener, labels());
}

void target_pool_state::add_entered_listener(const caf::actor& listener) {
  entered_listeners.push_back(listener);
  if (lists.universe().catalog) {
    caf::anon_send(listener, targets_entered{lists.universe(), active});
  }
}

void target_pool_state::tell_entered() {
  for (const auto& listener : entered_listeners) {
    caf::anon_send(listener, targets_entered{lists.universe(), active});
  }
}

bool target_pool_state::enter(target_universe next) {
  const auto& now = lists.universe();
  if (next.catalog == now.catalog && next.mesh == now.mesh) {
    return false;
  }
  const auto old_labels = labels();
  auto changes = ends_of(lists.enter(std::move(next)));
  if (labels() != old_labels) {
    for (const auto& listener : label_listeners) {
      caf::anon_send(listener, labels());
    }
  }
  tell_entered();
  keep_named(changes, lists.universe());
  // Before anything is forgotten: what has gone is not told as never probed in between.
  tell_wanted();
  // Forget before welcome: what moved between regions is never in both.
  if (!changes.gone.empty()) {
    ever_forgot = true;
    self->send(store, forget_targets{std::move(changes.gone)});
  }
  if (ever_forgot && !changes.come.empty()) {
    self->send(store, welcome_targets{std::move(changes.come)});
  }
  const auto& entered = lists.universe();
  target_stats counts{count_targets(entered)};
  if (entered.catalog) {
    counts.duplicates = entered.catalog->duplicates;
    counts.bad = entered.catalog->bad;
  }
  counts.label_conflicts = labels() ? labels()->conflicts() : 0;
  self->send(stats, std::move(counts));
  return true;
}

void target_pool_state::tell_wanted() {
  const auto& now = lists.universe();
  if (!now.catalog || (wanted && wanted->is_of(now, members, active))) {
    return;
  }
  const auto unix_seconds = static_cast<std::uint32_t>(to_unix_seconds(wall_clock::now()));
  wanted = std::make_shared<const wanted_targets>(now, members, active, wanted.get(), unix_seconds);
  self->send(store, wanted);
}

target_pool_actor::behavior_type
target_pool(target_pool_actor::stateful_pointer<target_pool_state> self, store_actor store,
            stats_actor stats) {
  guard_actor(self, "target_pool");
  auto& state = self->state;
  state.self = self;
  state.store = std::move(store);
  state.stats = std::move(stats);
  return {
      [self](const get_targets_request& request) -> caf::result<targets_answer> {
        const handler_meter meter{self, actor_kind::target_pool, self->state.stats};
        return self->state.answer(request);
      },
      [self](const questions_request& from) {
        const handler_meter meter{self, actor_kind::target_pool, self->state.stats};
        return self->state.questions.exchange(from, self->clock().now());
      },
      [self](const ask_agent& order) -> caf::result<agent_answer> {
        const handler_meter meter{self, actor_kind::target_pool, self->state.stats};
        auto promise = self->make_response_promise<agent_answer>();
        self->state.questions.ask(
            order, self->clock().now(),
            [promise](agent_answer&& answer) mutable { promise.deliver(std::move(answer)); });
        return promise;
      },
      [self](const mesh_update& update) {
        const handler_meter meter{self, actor_kind::target_pool, self->state.stats};
        self->state.update_mesh(update);
      },
      [self](const pool_config& config) {
        const handler_meter meter{self, actor_kind::target_pool, self->state.stats,
                                  actor_kind::discovery};
        return self->state.configure(config);
      },
      [self](get_labels_atom) -> caf::result<target_labels_ptr> {
        if (!self->state.lists.universe().catalog) {
          return caf::make_error(caf::sec::runtime_error, "no targets were read yet");
        }
        return self->state.labels();
      },
      [self](const watch_labels& by) { self->state.add_listener(by.listener); },
      [self](const watch_entered& by) { self->state.add_entered_listener(by.listener); },
  };
}

} // namespace xprober
