#include "xprober/app/agent_app.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "xprober/actors/agent/chain_teller.hpp"
#include "xprober/actors/agent/prober.hpp"
#include "xprober/actors/agent/pusher.hpp"
#include "xprober/actors/agent/results.hpp"
#include "xprober/actors/agent/self_check.hpp"
#include "xprober/actors/agent/spool.hpp"
#include "xprober/actors/agent/syncer.hpp"
#include "xprober/actors/agent/target_manager.hpp"
#include "xprober/actors/agent/terminator.hpp"
#include "xprober/actors/agent/ticker.hpp"
#include "xprober/app/actor_host.hpp"
#include "xprober/app/certificate_renewal.hpp"
#include "xprober/app/engine_set.hpp"
#include "xprober/app/main_loop.hpp"
#include "xprober/app/port_ledger.hpp"
#include "xprober/app/port_places.hpp"
#include "xprober/app/reading_thread.hpp"
#include "xprober/app/reload_gate.hpp"
#include "xprober/app/restart_keys.hpp"
#include "xprober/app/server_link.hpp"
#include "xprober/app/service_watchdog.hpp"
#include "xprober/app/web_reload.hpp"
#include "xprober/app/web_server.hpp"
#include "xprober/base/descriptor_budget.hpp"
#include "xprober/base/log.hpp"
#include "xprober/base/service_manager.hpp"
#include "xprober/base/version.hpp"
#include "xprober/bridge/ask.hpp"
#include "xprober/config/kind_section.hpp"
#include "xprober/config/module_text.hpp"
#include "xprober/domain/wire/batch.hpp"
#include "xprober/rpc/client.hpp"
#include "xprober/storage/state_directory.hpp"
#include "xprober/web/agent_routes.hpp"
#include "xprober/web/targets_json.hpp"

namespace xprober::app {

namespace {

/// They answer at once; who does not does later what it is told.
constexpr std::chrono::seconds tell_timeout{1};

/// True if each module is built on the same kind as before.
bool same_bases(const agent_config& a, const agent_config& b) {
  return std::ranges::equal(
      a.modules, b.modules, {}, [](const auto& m) { return m.second.prober; },
      [](const auto& m) { return m.second.prober; });
}

std::vector<std::string> names_of(const std::vector<prober_entry>& probers) {
  std::vector<std::string> names;
  names.reserve(probers.size());
  for (const auto& prober : probers) {
    names.push_back(prober.kind->name);
  }
  return names;
}

/// The modules as the manager knows them.
std::vector<prober_name> module_names(const agent_config& config) {
  std::vector<prober_name> names;
  names.reserve(config.modules.size());
  for (const auto& [name, module] : config.modules) {
    names.emplace_back(name, module.prober);
  }
  return names;
}

} // namespace

/// Members that other threads use are set up before `start` and torn down by `stop`; between the
/// two, `config` belongs to the I/O thread.
struct agent_app::impl {
  impl(agent_config c, agent_identity who, config_reader<agent_config> reader,
       const std::vector<prober_entry>& probers)
      : config(std::move(c)), identity(std::move(who)), presenters(presenters_of(probers)),
        state(config.state_dir, "agent"),
        host({"agent", version, names_of(probers)}, config.threads,
             [longest = config.shutdown_timeout] { end_process(longest); }),
        engines(
            probers, config,
            [stats = host.stats()](const engine_report& report) { caf::anon_send(stats, report); }),
        link(host.io(), config, host.requests()), read_again(std::move(reader)) {}

  void make_actors();
  void make_web();
  boost::asio::awaitable<std::string> apply_configuration();
  boost::asio::awaitable<std::string> apply(agent_config next);
  std::string prepare(const agent_config& next);
  boost::asio::awaitable<void> commit(agent_config next);
  boost::asio::awaitable<void> change_servers();
  boost::asio::awaitable<std::string> use_renewed_certificate();
  template <class Handle, class Message>
  boost::asio::awaitable<void> tell(std::string_view who, const Handle& part, Message message);
  agent_end stop();

  agent_config config;
  const milliseconds shutdown_timeout{config.shutdown_timeout};
  const std::string http_addr{config.http_addr}; ///< where it listens, whatever a reload says
  agent_identity identity;
  presenter_table presenters;
  storage::state_directory state;
  waiting_outcomes outcomes; ///< actors and engines have it
  actor_host host;
  engine_set engines;
  server_link link;
  results_actor results;
  ticker_actor ticker;
  target_manager_actor manager;
  prober_actor prober;
  spool_actor spool;
  rpc::rpc_client_impl_actor client;
  syncer_actor syncer;
  self_check_actor self_check;
  pusher_actor pusher;
  chain_teller_actor chain_teller;
  terminator_actor terminator;
  port_ledger ports{host.io(), host.stats(), config.connections, host.answers()};
  std::optional<descriptor_budget::reservation> page_descriptors;
  std::unique_ptr<web_server> web;
  config_reader<agent_config> read_again;
  reading_thread files; ///< outlived by the host and the engines
  std::unique_ptr<web_reload> web_files;
  certificate_renewal renewal{
      host.io(), files,
      certificate_renewal::hooks{
          [this] { return config; },
          [this] { return reloads.take_turn([this] { return use_renewed_certificate(); }); },
          [this](std::string fault) {
            caf::anon_send(self_check, certificate_fault_report{std::move(fault)});
          }}};
  reload_gate reloads{host.io(), [this] { return apply_configuration(); }};
  bool keeps_servers = false;
  bool started = false;
  bool stopped = false;
  bool reading = false; ///< after `stop`: `files` is not over
};

void agent_app::impl::make_actors() {
  const auto& stats = host.stats();
  results = host.spawn(actor_kind::results, xprober::results, stats, config.max_pending_results,
                       &outcomes);
  ticker =
      host.spawn(actor_kind::ticker, xprober::ticker, stats, caf::timespan{config.probe_interval});
  const auto table = engines.table();
  manager = host.spawn(actor_kind::target_manager, xprober::target_manager, table, results, ticker,
                       stats, module_names(config), &outcomes);
  prober = host.spawn(actor_kind::prober, xprober::prober, table, stats,
                      make_probe_modules(config, table));
  for (const auto& reporter :
       {caf::actor_cast<caf::actor>(results), caf::actor_cast<caf::actor>(prober)}) {
    caf::anon_send(stats, stats_reporter{reporter});
  }
  client = host.spawn(actor_kind::rpc_client, rpc::rpc_client, link.engine(), stats);
  const rpc_client_actor calls{client};
  storage::spool_options spooling;
  spooling.directory = config.state_dir;
  spooling.max_bytes = config.spool_max_bytes;
  spooling.max_memory_results = config.max_pending_results;
  spooling.identity = identity;
  spool = host.spawn<caf::detached>(actor_kind::spool, xprober::spool, std::move(spooling), results,
                                    stats);
  pusher = host.spawn(actor_kind::pusher, xprober::pusher, results, spool, calls, stats,
                      caf::timespan{config.push_interval});
  chains_request telling{identity.region, identity.local_ip, to_text(random_instance())};
  chain_teller =
      host.spawn(actor_kind::chain_teller, xprober::chain_teller, std::move(telling), calls, stats);
  caf::anon_send(results, watch_chains{caf::actor_cast<caf::actor>(chain_teller)});
  const std::string scheme = config.web.cert_file.empty() ? "" : "https://";
  syncer_self who{identity, {version, scheme + config.http_addr}, {}};
  who.chains = chain_teller;
  who.questions.prober = prober;
  who.questions.texts.probe = [shown = presenters](const probe_question& asked,
                                                   const probe_answer& answer) {
    return web::probe_answer_json(asked, answer, shown);
  };
  who.questions.texts.story = [shown = presenters](const target_story& story) {
    return web::target_json(story, shown);
  };
  who.about.probe_interval_ms = static_cast<std::uint64_t>(config.probe_interval.count());
  who.about.backlog.emplace(); // until there is one
  syncer = host.spawn(actor_kind::syncer, xprober::syncer, std::move(who), calls, manager, spool,
                      pusher, stats, caf::timespan{config.sync_interval},
                      list_protection{config.max_removal_percent});
  self_check = host.spawn(actor_kind::self_check, xprober::self_check, syncer, stats,
                          caf::timespan{config.probe_interval}, config.spool_max_bytes);
  terminator_parts parts{syncer, ticker, {}, manager, pusher, stats};
  parts.drain_engines = [this](std::function<void()> done) { engines.drain(std::move(done)); };
  terminator = host.spawn(actor_kind::terminator, xprober::terminator, std::move(parts),
                          caf::timespan{config.shutdown_timeout});
}

void agent_app::impl::make_web() {
  web::agent_handles handles;
  handles.common.gateway = host.gateway();
  handles.common.stats = host.stats();
  handles.common.health = host.health();
  handles.common.work = host.answers();
  handles.common.reload = [this] { return reloads.reload(); };
  handles.results = results;
  handles.target_manager = manager;
  handles.syncer = syncer;
  handles.identity = identity;
  handles.metrics_per_target = config.metrics_per_target;
  handles.probing = {prober, presenters, config::module_text};
  const std::string key = "http_addr";
  auto credentials = read_web_credentials(config.web, config.rpc);
  const auto hash = credentials.hash;
  const auto places = places_of_agent(descriptor_limit(), config.connections.connections);
  page_descriptors.emplace(descriptor_budget::of_process(), places);
  web_port port{config.http_addr, key,
                places,           config.connections.connections_per_peer,
                ports.open(key),  accepted_names(config.web),
                {"/probe"},       std::move(credentials)};
  web = std::make_unique<web_server>(host.io(), std::move(port), [&](net::router& routes) {
    web::add_agent_routes(routes, std::move(handles));
  });
  web_files = std::make_unique<web_reload>(host.io(), files, *web, key, http_addr,
                                           web_reload::sections{config.web, config.rpc}, hash);
}

/// Whole or not at all: what may be refused is made before anything is different.
boost::asio::awaitable<std::string> agent_app::impl::apply_configuration() {
  const service_manager::reload_notice notice;
  auto read = co_await files.run(std::cref(read_again));
  auto problems = std::move(read.problems);
  if (problems.empty()) {
    problems = co_await apply(std::move(read.next));
  }
  if (problems.empty()) {
    host.warn(std::move(read.warnings));
  } else {
    log::error("main", "the new configuration is refused; the old one stays in force",
               {{"problems", problems}});
  }
  co_return problems;
}

boost::asio::awaitable<std::string> agent_app::impl::apply(agent_config next) {
  const auto ready = [this, &next] { return prepare(next); };
  auto problems = co_await files.run(ready);
  if (problems.empty()) {
    co_await commit(std::move(next));
  }
  co_return problems;
}

/// Reads what the configuration names, on the thread for files.
std::string agent_app::impl::prepare(const agent_config& next) {
  auto problem = web_files->prepare({next.web, next.rpc}, next.insecure);
  if (problem.empty() && !keeps_servers) {
    problem = link.prepare(next);
  }
  return problem.empty() ? engines.prepare(next) : problem;
}

/// Nothing here can be refused.
boost::asio::awaitable<void> agent_app::impl::commit(agent_config next) {
  if (const auto keys = restart_keys(config, next, keeps_servers); !keys.empty()) {
    log::warn("main", "these keys have changed and need a restart", {{"keys", keys}});
  }
  engines.commit();
  web_files->commit();
  auto offered = next;
  offered.http_addr = http_addr;
  caf::anon_send(prober, make_probe_modules(offered, engines.table()));
  if (module_names(next) != module_names(config) || !same_bases(next, config)) {
    caf::anon_send(manager, module_list{module_names(next)});
    caf::anon_send(syncer, start_over_atom_v);
  }
  if (next.probe_interval != config.probe_interval) {
    const set_probe_interval told{next.probe_interval};
    caf::anon_send(ticker, told);
    caf::anon_send(syncer, told);
    caf::anon_send(self_check, told);
  }
  if (next.sync_interval != config.sync_interval) {
    caf::anon_send(syncer, set_sync_interval{next.sync_interval});
  }
  if (next.max_removal_percent != config.max_removal_percent) {
    caf::anon_send(syncer, list_protection{next.max_removal_percent});
  }
  if (next.push_interval != config.push_interval) {
    caf::anon_send(pusher, set_push_interval{next.push_interval});
  }
  if (auto level = log::level::info; log::parse_level(next.log_level, level)) {
    log::set_level(level);
  }
  config = std::move(next);
  co_await change_servers();
  log::info("main", "configuration read again");
}

/// The server that is left hears the goodbye before another one is asked, which may be the same
/// machine by another name. Targets are probed on; what is pushed waits for the new server's word.
boost::asio::awaitable<void> agent_app::impl::change_servers() {
  auto before = link.switch_over();
  if (!before) {
    co_return;
  }
  const bool moves = before->moves;
  if (moves) {
    co_await tell("syncer", syncer, new_server_atom_v);
    co_await tell("pusher", pusher, new_server_atom_v);
  }
  rpc::use_caller now{link.engine()};
  co_await tell("rpc_client", client, std::move(now));
  const auto goodbye =
      co_await bridge::ask<leave_request>(host.gateway(), syncer, tell_timeout, goodbye_atom_v);
  leave_request said;
  if (goodbye) {
    said = *goodbye;
  } else {
    before->left.clear();
  }
  co_await link.leave(std::move(*before), std::move(said));
  if (moves) {
    co_await tell("spool", spool, new_server_atom_v);
    caf::anon_send(syncer, start_over_atom_v);
  }
}

/// The same configuration with what is in its files now.
boost::asio::awaitable<std::string> agent_app::impl::use_renewed_certificate() {
  const auto as_it_is = config;
  const auto read = [this, &as_it_is] { return link.prepare(as_it_is); };
  auto problem = co_await files.run(read);
  if (problem.empty()) {
    co_await change_servers();
  }
  co_return problem;
}

template <class Handle, class Message>
boost::asio::awaitable<void> agent_app::impl::tell(std::string_view who, const Handle& part,
                                                   Message message) {
  const auto done =
      co_await bridge::ask<done_atom>(host.gateway(), part, tell_timeout, std::move(message));
  if (!done) {
    log::error("main", "a part of the new configuration is not in force yet",
               {{"part", who}, {"error", bridge::error_text(done.error())}});
  }
}

agent_end agent_app::impl::stop() {
  if (std::exchange(stopped, true)) {
    return {};
  }
  const auto until = std::chrono::steady_clock::now() + shutdown_timeout;
  if (!started) {
    host.start_io(); // the listener ends on its thread
  }
  files.refuse();
  caf::anon_send(prober, stop_atom_v); // else requests could keep the engines busy
  const auto end = end_in_order(host.system(), terminator, pusher, shutdown_timeout);
  web->stop();
  link.stop();
  host.stop_actors();
  engines.stop();
  host.stop_io(); // a reload that goes on there uses the handles
  terminator = nullptr;
  pusher = nullptr;
  chain_teller = nullptr;
  self_check = nullptr;
  syncer = nullptr;
  client = nullptr;
  spool = nullptr;
  manager = nullptr;
  prober = nullptr;
  ticker = nullptr;
  results = nullptr;
  reading = !files.is_over_within(time_left(until));
  if (!reading) { // else it uses them
    // Their last counters went to the stats actor, whose handle must go before the actor system.
    engines.clear();
  }
  return end;
}

agent_app::agent_app(agent_config config, agent_identity identity,
                     config_reader<agent_config> read_again,
                     const std::vector<prober_entry>& probers)
    : impl_(std::make_unique<impl>(std::move(config), std::move(identity), std::move(read_again),
                                   probers)) {
  impl_->make_actors();
  impl_->make_web();
}

agent_app::~agent_app() {
  if (impl_->web) {
    impl_->stop();
  }
}

void agent_app::warn(std::vector<std::string> warnings) { impl_->host.warn(std::move(warnings)); }

void agent_app::keep_servers() { impl_->keeps_servers = true; }

void agent_app::start() {
  impl_->started = true;
  impl_->web_files->watch();
  if (!impl_->keeps_servers) {
    impl_->renewal.watch();
  }
  impl_->host.start_io();
}

std::string agent_app::web_address() const { return impl_->web->address(); }

void agent_app::reload() { impl_->reloads.request(); }

boost::asio::awaitable<std::string> agent_app::apply(agent_config next) {
  auto work = [i = impl_.get(), next = std::move(next)] { return i->apply(next); };
  return boost::asio::co_spawn(impl_->host.io(), impl_->reloads.take_turn(std::move(work)),
                               boost::asio::use_awaitable);
}

target_listing agent_app::targets() const {
  target_listing listing;
  caf::scoped_actor self{impl_->host.system()};
  self->request(impl_->results, std::chrono::seconds{1}, latest_results_atom_v)
      .receive([&](target_listing& answer) { listing = std::move(answer); },
               [](const caf::error&) {});
  return listing;
}

agent_end agent_app::stop() { return impl_->stop(); }

bool agent_app::is_reading() const { return impl_->reading; }

void agent_app::ask_health(std::function<void()> well) {
  app::ask_health(impl_->host, std::move(well));
}

bool agent_app::has_failed() const { return impl_->host.has_failed(); }

} // namespace xprober::app
