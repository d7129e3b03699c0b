#include "xprober/app/server_app.hpp"

#include <functional>
#include <future>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>

#include "xprober/actors/server/discovery.hpp"
#include "xprober/actors/server/history.hpp"
#include "xprober/actors/server/journal.hpp"
#include "xprober/actors/server/journal_front.hpp"
#include "xprober/actors/server/registry.hpp"
#include "xprober/actors/server/store.hpp"
#include "xprober/actors/server/store_shards.hpp"
#include "xprober/actors/server/target_pool.hpp"
#include "xprober/app/actor_host.hpp"
#include "xprober/app/main_loop.hpp"
#include "xprober/app/orderly_end.hpp"
#include "xprober/app/reading_thread.hpp"
#include "xprober/app/reload_gate.hpp"
#include "xprober/app/restart_keys.hpp"
#include "xprober/app/web_server.hpp"
#include "xprober/base/log.hpp"
#include "xprober/base/version.hpp"
#include "xprober/bridge/ask.hpp"
#include "xprober/discovery/io.hpp"
#include "xprober/net/stream.hpp"
#include "xprober/net/tls.hpp"
#include "xprober/remote_write/sender.hpp"
#include "xprober/rpc/server.hpp"
#include "xprober/storage/state_directory.hpp"
#include "xprober/web/server_routes.hpp"

namespace xprober::app {

namespace {

/// Expanding two million addresses takes a second or two.
constexpr std::chrono::seconds configure_timeout{60};
/// Results of five minutes of the largest load take some ten seconds.
constexpr std::chrono::minutes replay_timeout{10};

/// `history`: whether it is there, which a reload does not change.
journal_readers readers_of(const server_config& config, bool history) {
  journal_readers all;
  if (history) {
    all.readers.push_back({std::string{history_reader}, history_queue_bytes});
  }
  for (const auto& receiver : config.remote_write) {
    all.readers.push_back({remote_write::queue_name(receiver), receiver.queue_max_bytes});
  }
  return all;
}

/// Ended series are noted only where somebody reads of them.
watch_series watch_of(const server_config& config, const journal_actor& journal) {
  return {config.remote_write.empty() ? caf::actor{} : caf::actor_cast<caf::actor>(journal)};
}

discovery_config targets_of(const server_config& config) {
  return {{config.prober_targets, config.max_targets, config.mesh},
          config.target_files,
          config.target_urls};
}

} // namespace

/// Members that other threads use are set up before `start` and torn down by `stop`; between the
/// two, `config` belongs to the I/O thread.
struct server_app::impl {
  impl(server_config c, config_reader<server_config> reader)
      : config(std::move(c)), state(config.state_dir, "server"),
        host({"server", version}, config.threads, end_process), read_again(std::move(reader)) {}

  store_actor make_store();
  void make_actors();
  void listen();
  void make_rpc();
  void make_web();
  void make_remote_write();
  boost::asio::awaitable<std::string> apply_configuration();
  boost::asio::awaitable<std::string> prepare(const server_config& next);
  boost::asio::awaitable<std::string> ask_partner();
  boost::asio::awaitable<void> commit(server_config next);
  void stop();

  server_config config;
  const milliseconds shutdown_timeout{config.shutdown_timeout};
  std::unique_ptr<remote_write::engine> remote_write; ///< outlives the actors
  storage::state_directory state;
  actor_host host;
  store_actor store;
  journal_actor journal;
  history_actor history; ///< null: disabled
  target_pool_actor pool;
  registry_actor registry;
  discovery_actor discovery;
  std::unique_ptr<rpc::server> rpc;
  std::unique_ptr<web_server> web;
  reload_partner partner; ///< of the I/O thread; may be empty
  config_reader<server_config> read_again;
  reading_thread files; ///< outlived by the host
  reload_gate reloads{host.io(), [this] { return apply_configuration(); }};
  bool started = false;
  bool stopped = false;
  bool reading = false; ///< after `stop`: `files` is not over
};

/// As many parts as workers: each can be at work at the same time.
store_actor server_app::impl::make_store() {
  const caf::timespan ttl{config.result_ttl};
  if (config.threads == 1) {
    return host.spawn(actor_kind::store, xprober::store, host.stats(), ttl);
  }
  std::vector<store_actor> shards;
  shards.reserve(config.threads);
  for (std::uint32_t i = 0; i < config.threads; ++i) {
    shards.push_back(host.spawn(actor_kind::store, xprober::store_shard, host.stats(), ttl,
                                store_part{i, config.threads}));
  }
  return host.spawn(actor_kind::store, xprober::store_shards, std::move(shards));
}

void server_app::impl::make_actors() {
  const auto& stats = host.stats();
  store = make_store();
  caf::anon_send(stats, stats_reporter{caf::actor_cast<caf::actor>(store)});
  pool = host.spawn(actor_kind::target_pool, xprober::target_pool, store, stats);
  registry = host.spawn(actor_kind::registry, xprober::registry, pool, stats,
                        caf::timespan{config.mesh_lease});
  journal = host.spawn(actor_kind::journal, xprober::journal_front,
                       host.spawn<caf::detached>(actor_kind::journal, xprober::journal,
                                                 config.state_dir, store, stats,
                                                 caf::timespan{config.result_ttl}, registry));
  discovery = host.spawn<caf::detached>(actor_kind::discovery, xprober::discovery,
                                        service_discovery::make_io(host.io(), config.state_dir),
                                        pool, stats);
  auto problem = remote_write::engine::check(config.remote_write);
  if (!problem.empty()) {
    throw net::setup_error(problem);
  }
  caf::anon_send(store, watch_of(config, journal));
  caf::scoped_actor self{host.system()};
  // Before anybody is listened to: what was acknowledged is there.
  self->request(journal, replay_timeout, await_replay_atom_v)
      .receive([](done_atom) {},
               [](const caf::error&) {
                 log::error("main",
                            "the journal was not read in time; the server begins without it");
               });
  self->request(journal, configure_timeout, prepare_atom_v,
                readers_of(config, config.history.enabled))
      .receive([](done_atom) {},
               [](const caf::error& error) {
                 log::error("main", "the journal cannot keep its readers' queues",
                            {{"error", bridge::error_text(error)}});
               });
  caf::anon_send(journal, commit_atom_v);
  if (config.history.enabled) {
    history =
        host.spawn(actor_kind::history, xprober::history_front,
                   host.spawn<caf::detached>(actor_kind::history, xprober::history,
                                             config.state_dir, config.history, journal, stats));
  }
  const auto judge = [&](auto... step) {
    self->request(discovery, configure_timeout, std::move(step)...)
        .receive([&](const pool_report& report) { problem = report.error; },
                 [&](const caf::error& error) { problem = bridge::error_text(error); });
    if (!problem.empty()) {
      throw net::setup_error(problem);
    }
  };
  judge(prepare_atom_v, targets_of(config));
  judge(commit_atom_v);
}

void server_app::impl::make_rpc() {
  rpc::server_options options;
  options.listen = config.rpc_listen_addr;
  options.rpc = config.rpc;
  rpc = std::make_unique<rpc::server>(
      host.io(), rpc::server_actors{host.gateway(), registry, pool, journal, host.stats()},
      std::move(options));
}

void server_app::impl::make_web() {
  web::server_handles handles;
  handles.common.gateway = host.gateway();
  handles.common.stats = host.stats();
  handles.common.reload = [this] { return reloads.reload(); };
  handles.store = store;
  handles.journal = journal;
  handles.registry = registry;
  handles.pool = pool;
  handles.history = history;
  handles.metrics_per_target = config.metrics_per_target;
  web = std::make_unique<web_server>(
      host.io(), config.metrics_listen_addr, "metrics_listen_addr",
      [&](net::router& routes) { web::add_server_routes(routes, std::move(handles)); });
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
  remote_write =
      std::make_unique<remote_write::engine>(host.gateway(), journal, pool, host.stats());
  remote_write->set(config.remote_write);
}

/// Whole or not at all: whoever may refuse is asked before anything is different.
boost::asio::awaitable<std::string> server_app::impl::apply_configuration() {
  auto read = co_await files.run(std::cref(read_again));
  auto problems = std::move(read.problems);
  if (problems.empty()) {
    problems = co_await prepare(read.next);
  }
  if (problems.empty()) {
    problems = co_await ask_partner();
  }
  if (!problems.empty()) {
    caf::anon_send(discovery, abandon_atom_v);
    caf::anon_send(journal, abandon_atom_v);
    log::error("main", "the new configuration is refused; the old one stays in force",
               {{"problems", problems}});
    co_return problems;
  }
  co_await commit(std::move(read.next));
  host.warn(std::move(read.warnings));
  co_return std::string{};
}

/// What is wrong with a configuration, and who says so; nothing has changed but for what `abandon`
/// takes back.
boost::asio::awaitable<std::string> server_app::impl::prepare(const server_config& next) {
  const auto check = [&next] { return remote_write::engine::check(next.remote_write); };
  auto problem = co_await files.run(check);
  if (!problem.empty()) {
    co_return problem;
  }
  const auto targets = co_await bridge::ask<pool_report>(
      host.gateway(), discovery, configure_timeout, prepare_atom_v, targets_of(next));
  if (!targets) {
    co_return "targets: " + bridge::error_text(targets.error());
  }
  if (!targets->error.empty()) {
    co_return targets->error;
  }
  if (next.remote_write != config.remote_write) {
    const auto readers =
        co_await bridge::ask<done_atom>(host.gateway(), journal, configure_timeout, prepare_atom_v,
                                        readers_of(next, static_cast<bool>(history)));
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
  const auto targets = co_await bridge::ask<pool_report>(host.gateway(), discovery,
                                                         configure_timeout, commit_atom_v);
  if (const auto why = targets ? targets->error : bridge::error_text(targets.error());
      !why.empty()) {
    late("targets", why);
  }
  if (next.remote_write != config.remote_write) {
    const auto readers =
        co_await bridge::ask<done_atom>(host.gateway(), journal, configure_timeout, commit_atom_v);
    if (!readers) {
      late("remote_write", bridge::error_text(readers.error()));
    }
    caf::anon_send(store, watch_of(next, journal));
    remote_write->set(next.remote_write);
  }
  caf::anon_send(registry, set_mesh_lease{next.mesh_lease});
  caf::anon_send(store, set_result_ttl{next.result_ttl});
  caf::anon_send(journal, set_result_ttl{next.result_ttl});
  if (history) {
    caf::anon_send(history, next.history);
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
  host.stop_actors();
  host.stop_io(); // a reload that goes on there uses the handles
  registry = nullptr;
  discovery = nullptr;
  pool = nullptr;
  journal = nullptr;
  history = nullptr;
  store = nullptr;
  reading = !files.is_over_within(time_left(until));
}

server_app::server_app(server_config config, config_reader<server_config> read_again)
    : impl_(std::make_unique<impl>(std::move(config), std::move(read_again))) {
  impl_->make_actors();
  impl_->listen();
  impl_->make_remote_write();
}

server_app::~server_app() {
  if (impl_->web) {
    impl_->stop();
  }
}

void server_app::warn(std::vector<std::string> warnings) { impl_->host.warn(std::move(warnings)); }

void server_app::start() {
  impl_->started = true;
  impl_->host.start_io();
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

bool server_app::has_failed() const { return impl_->host.has_failed(); }

} // namespace xprober::app
