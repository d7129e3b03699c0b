#include "xprober/app/server_app.hpp"

#include <cstdint>
#include <functional>
#include <future>
#include <optional>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>

#include "xprober/actors/server/series_keeper.hpp"
#include "xprober/app/actor_host.hpp"
#include "xprober/app/certificate_watch.hpp"
#include "xprober/app/join_office.hpp"
#include "xprober/app/main_loop.hpp"
#include "xprober/app/orderly_end.hpp"
#include "xprober/app/port_ledger.hpp"
#include "xprober/app/port_places.hpp"
#include "xprober/app/reading_thread.hpp"
#include "xprober/app/receivers.hpp"
#include "xprober/app/reload_gate.hpp"
#include "xprober/app/restart_keys.hpp"
#include "xprober/app/series_memory.hpp"
#include "xprober/app/server_actors.hpp"
#include "xprober/app/service_watchdog.hpp"
#include "xprober/app/web_reload.hpp"
#include "xprober/app/web_server.hpp"
#include "xprober/base/descriptor_budget.hpp"
#include "xprober/base/log.hpp"
#include "xprober/base/service_manager.hpp"
#include "xprober/base/version.hpp"
#include "xprober/bridge/ask.hpp"
#include "xprober/domain/exposure.hpp"
#include "xprober/net/stream.hpp"
#include "xprober/net/tls.hpp"
#include "xprober/notify/engine.hpp"
#include "xprober/remote_write/sender.hpp"
#include "xprober/rpc/server.hpp"
#include "xprober/storage/state_directory.hpp"
#include "xprober/web/server_routes.hpp"
#include "xprober/web/status_routes.hpp"

namespace xprober::app {

namespace {

/// Expanding two million addresses takes a second or two.
constexpr std::chrono::seconds configure_timeout{60};

} // namespace

/// Members that other threads use are set up before `start` and torn down by `stop`; between the
/// two, `config` belongs to the I/O thread.
struct server_app::impl {
  impl(server_config c, config_reader<server_config> reader, std::uint64_t descriptors)
      : config(std::move(c)), places(places_of_server(descriptors, config.connections.connections)),
        state(config.state_dir, "server"),
        host({"server", version}, config.threads,
             [longest = config.shutdown_timeout] { end_process(longest); }),
        read_again(std::move(reader)) {}

  void listen();
  void make_rpc();
  void make_web();
  void make_remote_write();
  void make_notify();
  void set_alerts(const server_config& next);
  void set_shown(const server_config& next);
  boost::asio::awaitable<std::string> apply_configuration();
  boost::asio::awaitable<std::string> prepare(const server_config& next);
  std::string prepare_rpc(const server_config& next);
  boost::asio::awaitable<std::string> ask_partner();
  boost::asio::awaitable<void> commit(server_config next);
  void stop();

  server_config config;
  const server_places places;
  /// Of an agent in the same process its probes leave them.
  const descriptor_budget::reservation kept_descriptors{descriptor_budget::of_process(),
                                                        places.rpc + places.page + places.files};
  const milliseconds shutdown_timeout{config.shutdown_timeout};
  const std::string rpc_listen_addr{config.rpc_listen_addr}; ///< whatever a reload says
  const std::string state_dir{config.state_dir};             ///< likewise
  std::unique_ptr<remote_write::engine> remote_write;        ///< outlives the actors
  std::unique_ptr<notify::engine> notify;                    ///< likewise
  storage::state_directory state;
  actor_host host;
  server_actors actors;
  port_ledger ports{
      host.io(), host.stats(), config.connections, host.answers(),
      [this](bool strained) { caf::anon_send(actors.journal, memory_strain{strained}); }};
  std::optional<rpc::server_credentials> next_rpc; ///< prepared
  std::unique_ptr<rpc::server> rpc;
  std::unique_ptr<web_server> web;
  const std::shared_ptr<web::settings_place> shown = std::make_shared<web::settings_place>();
  reload_partner partner; ///< of the I/O thread; may be empty
  config_reader<server_config> read_again;
  reading_thread files; ///< outlived by the host
  std::unique_ptr<web_reload> web_files;
  certificate_watch certificates{
      host.io(),
      files,
      {[this] { return own_certificates(config); },
       [this](std::vector<std::string> lines) {
         caf::anon_send(host.stats(), warnings_report{"certificates", std::move(lines)});
       }}};
  reload_gate reloads{host.io(), [this] { return apply_configuration(); }};
  bool started = false;
  bool stopped = false;
  bool reading = false; ///< after `stop`: `files` is not over
};

void server_app::impl::make_rpc() {
  rpc::server_options options;
  options.listen = config.rpc_listen_addr;
  options.rpc = config.rpc;
  options.access = config.access;
  options.join = make_join_office(config.rpc, config.state_dir);
  options.max_sessions = places.rpc;
  options.max_peer_sessions = config.connections.connections_per_peer;
  options.account = ports.open("rpc_listen_addr");
  options.work = host.requests();
  rpc =
      std::make_unique<rpc::server>(host.io(),
                                    rpc::server_actors{host.gateway(), actors.registry, actors.pool,
                                                       actors.journal, host.stats(), actors.chains},
                                    std::move(options));
}

void server_app::impl::make_web() {
  web::server_handles handles;
  handles.common.gateway = host.gateway();
  handles.common.stats = host.stats();
  handles.common.health = host.health();
  handles.common.work = host.answers();
  handles.common.reload = [this] { return reloads.reload(); };
  handles.store = actors.store;
  handles.journal = actors.journal;
  handles.registry = actors.registry;
  handles.pool = actors.pool;
  handles.history = actors.history;
  handles.events = actors.events;
  handles.incidents = actors.incidents;
  handles.chains = actors.chains;
  handles.metrics_per_target = config.metrics_per_target;
  handles.shown = shown;
  const std::string key = "metrics_listen_addr";
  auto credentials = read_web_credentials(config.web, config.rpc);
  const auto hash = credentials.hash;
  web_port port{config.metrics_listen_addr,
                key,
                places.page,
                config.connections.connections_per_peer,
                ports.open(key),
                accepted_names(config.web),
                {},
                std::move(credentials)};
  web = std::make_unique<web_server>(host.io(), std::move(port), [&](net::router& routes) {
    web::add_server_routes(routes, std::move(handles));
  });
  web_files = std::make_unique<web_reload>(host.io(), files, *web, key, config.metrics_listen_addr,
                                           web_reload::sections{config.web, config.rpc}, hash);
  set_shown(config);
}

void server_app::impl::set_shown(const server_config& next) {
  shown->now = std::make_shared<const web::page_settings>(
      web::page_settings{next.region_labels, next.status});
  web->publish([status = next.status](const net::request_context& context) {
    return web::is_public(status, context);
  });
}

/// Whoever has to change both addresses is told of both.
void server_app::impl::listen() {
  std::string problems;
  for (const auto make : {&impl::make_rpc, &impl::make_web}) {
    try {
      (this->*make)();
    } catch (const net::setup_error& problem) {
      problems += (problems.empty() ? "" : "; ") + std::string{problem.what()};
    }
  }
  if (!problems.empty()) {
    throw net::setup_error(problems);
  }
}

/// Last, because its thread begins to work at once.
void server_app::impl::make_remote_write() {
  remote_write = std::make_unique<remote_write::engine>(host.gateway(), actors.journal, actors.pool,
                                                        host.stats(), actors.history);
  remote_write->set(config.remote_write);
}

/// Likewise.
void server_app::impl::make_notify() {
  notify = std::make_unique<notify::engine>(host.gateway(), actors.incidents, host.stats());
  set_alerts(config);
}

/// The incidents actor knows the receivers before they ask it for something.
void server_app::impl::set_alerts(const server_config& next) {
  caf::anon_send(actors.incidents, rules_of(next.alerts, next.status));
  notify->set(next.alerts);
}

/// Whole or not at all: whoever may refuse is asked before anything is different.
boost::asio::awaitable<std::string> server_app::impl::apply_configuration() {
  const service_manager::reload_notice notice;
  auto read = co_await files.run(std::cref(read_again));
  auto problems = std::move(read.problems);
  if (problems.empty()) {
    problems = co_await prepare(read.next);
  }
  if (problems.empty()) {
    problems = co_await ask_partner();
  }
  if (!problems.empty()) {
    caf::anon_send(actors.discovery, abandon_atom_v);
    caf::anon_send(actors.journal, abandon_atom_v);
    log::error("main", "the new configuration is refused; the old one stays in force",
               {{"problems", problems}});
    co_return problems;
  }
  co_await commit(std::move(read.next));
  host.warn(std::move(read.warnings));
  co_return std::string{};
}

/// Reads what the agents' port shows and asks for; what is wrong with it.
std::string server_app::impl::prepare_rpc(const server_config& next) {
  next_rpc.reset();
  auto has = protection_of(next.rpc);
  has.credential = has.credential || !next.access.empty();
  const auto exposed = exposure_problem(rpc_listen_addr, "rpc", has);
  if (!next.insecure && !exposed.empty()) {
    return "rpc_listen_addr: " + rpc_listen_addr + ", where this process listens until it ends, " +
           exposed;
  }
  try {
    // Where it is kept who has joined is where it was at the start, whatever a reload says.
    next_rpc =
        rpc::read_server_credentials(next.rpc, next.access, make_join_office(next.rpc, state_dir));
  } catch (const net::setup_error& problem) {
    return problem.what();
  }
  return {};
}

/// What is wrong with a configuration, and who says so; nothing has changed but for what `abandon`
/// takes back.
boost::asio::awaitable<std::string> server_app::impl::prepare(const server_config& next) {
  const auto check = [this, &next] {
    auto wrong = web_files->prepare({next.web, next.rpc}, next.insecure);
    if (wrong.empty()) {
      wrong = prepare_rpc(next);
    }
    return wrong.empty() ? receivers_problem(next) : wrong;
  };
  auto problem = co_await files.run(check);
  if (!problem.empty()) {
    co_return problem;
  }
  const auto targets = co_await bridge::ask<pool_report>(
      host.gateway(), actors.discovery, configure_timeout, prepare_atom_v, targets_of(next));
  if (!targets) {
    co_return "targets: " + bridge::error_text(targets.error());
  }
  if (!targets->error.empty()) {
    co_return targets->error;
  }
  if (next.remote_write != config.remote_write) {
    const auto readers = co_await bridge::ask<done_atom>(
        host.gateway(), actors.journal, configure_timeout, prepare_atom_v,
        readers_of(next, static_cast<bool>(actors.history)));
    if (!readers) {
      co_return "remote_write: the journal cannot keep the receivers' queues: " +
          bridge::error_text(readers.error());
    }
  }
  co_return std::string{};
}

/// The last to be asked, because what it agrees to is in force at once.
boost::asio::awaitable<std::string> server_app::impl::ask_partner() {
  std::string problem;
  if (partner) {
    try {
      problem = co_await partner();
    } catch (const std::exception& error) {
      problem = error.what();
    }
  }
  co_return problem;
}

/// Nobody refuses any more: who does not answer in time does what is asked later.
boost::asio::awaitable<void> server_app::impl::commit(server_config next) {
  const auto late = [](std::string_view who, const std::string& why) {
    log::error("main", "a part of the new configuration is not in force yet",
               {{"part", who}, {"error", why}});
  };
  if (const auto keys = restart_keys(config, next); !keys.empty()) {
    log::warn("main", "these keys have changed and need a restart", {{"keys", keys}});
  }
  const auto targets = co_await bridge::ask<pool_report>(host.gateway(), actors.discovery,
                                                         configure_timeout, commit_atom_v);
  if (const auto why = targets ? targets->error : bridge::error_text(targets.error());
      !why.empty()) {
    late("targets", why);
  }
  if (next.remote_write != config.remote_write) {
    const auto readers = co_await bridge::ask<done_atom>(host.gateway(), actors.journal,
                                                         configure_timeout, commit_atom_v);
    if (!readers) {
      late("remote_write", bridge::error_text(readers.error()));
    }
    caf::anon_send(actors.store, watch_of(next, actors.journal));
    remote_write->set(next.remote_write);
  }
  if (next.alerts != config.alerts || next.status != config.status) {
    set_alerts(next);
  }
  web_files->commit();
  set_shown(next);
  if (auto credentials = std::exchange(next_rpc, std::nullopt)) {
    rpc->use(std::move(*credentials));
  }
  caf::anon_send(actors.registry, set_mesh_lease{next.mesh_lease});
  caf::anon_send(actors.registry, set_mesh_forget{next.mesh_forget});
  caf::anon_send(actors.registry, set_mesh_gate{gate_of(next)});
  caf::anon_send(actors.store, ttl_of(next));
  caf::anon_send(actors.journal, ttl_of(next));
  caf::anon_send(actors.journal, next.limits);
  caf::anon_send(actors.chains, next.limits);
  if (actors.history) {
    caf::anon_send(actors.history, next.history);
  }
  if (auto level = log::level::info; log::parse_level(next.log_level, level)) {
    log::set_level(level);
  }
  config = std::move(next);
  log::info("main", "configuration read again", {{"targets", targets ? targets->targets : 0}});
}

void server_app::impl::stop() {
  if (std::exchange(stopped, true)) {
    return;
  }
  const auto until = std::chrono::steady_clock::now() + shutdown_timeout;
  if (!started) {
    host.start_io(); // the listeners end on its thread
  }
  files.refuse();
  // Agents get the answers to what they have sent before the actors end.
  std::promise<void> sessions_ended;
  rpc->stop(shutdown_timeout / 2, [&] { sessions_ended.set_value(); });
  sessions_ended.get_future().wait();
  web->stop();
  if (remote_write) {
    remote_write->stop();
  }
  if (notify) {
    notify->stop();
  }
  keep_series(host.system(), actors.keeper, time_left(until)); // while there is a store to be asked
  host.stop_actors();
  host.stop_io(); // a reload that goes on there uses the handles
  actors = {};
  reading = !files.is_over_within(time_left(until));
}

server_app::server_app(server_config config, config_reader<server_config> read_again,
                       std::uint64_t descriptors)
    : impl_(std::make_unique<impl>(std::move(config), std::move(read_again), descriptors)) {
  impl_->actors.start(impl_->host, impl_->config);
  impl_->listen();
  impl_->make_remote_write();
  impl_->make_notify();
}

server_app::~server_app() {
  if (impl_->web) {
    impl_->stop();
  }
}

void server_app::warn(std::vector<std::string> warnings) { impl_->host.warn(std::move(warnings)); }

void server_app::start() {
  impl_->started = true;
  log::info("main", "places for connections",
            {{"rpc_listen_addr", impl_->places.rpc}, {"metrics_listen_addr", impl_->places.page}});
  impl_->web_files->watch();
  impl_->certificates.watch();
  impl_->host.start_io();
  caf::anon_send(impl_->actors.registry, serving_atom_v);
}

std::string server_app::web_address() const { return impl_->web->address(); }

std::string server_app::rpc_address() const {
  return net::endpoint_text(impl_->rpc->local_endpoint());
}

void server_app::reload() { impl_->reloads.request(); }

void server_app::set_partner(reload_partner partner) {
  std::promise<void> done;
  boost::asio::post(impl_->host.io(), [&] {
    impl_->partner = std::move(partner);
    done.set_value();
  });
  done.get_future().wait();
}

void server_app::stop() { impl_->stop(); }

bool server_app::is_reading() const { return impl_->reading; }

void server_app::ask_health(std::function<void()> well) {
  app::ask_health(impl_->host, std::move(well));
}

bool server_app::has_failed() const { return impl_->host.has_failed(); }

} // namespace xprober::app
