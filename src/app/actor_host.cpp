#include "xprober/app/actor_host.hpp"

#include <cstdio>
#include <exception>
#include <string_view>

#include <caf/scoped_actor.hpp>
#include <pthread.h>

#include "xprober/actors/health.hpp"
#include "xprober/actors/register_messages.hpp"
#include "xprober/base/log.hpp"
#include "xprober/bridge/error.hpp"
#include "xprober/bridge/gateway.hpp"

namespace xprober::app {

namespace {

std::unique_ptr<caf::actor_system_config> make_config(std::uint32_t workers) {
  auto config = std::make_unique<caf::actor_system_config>();
  register_messages(*config);
  bridge::register_errors(*config);
  // "sharing" costs 1.5 % of a core where "stealing" costs 32 % when nearly idle.
  config->set("scheduler.policy", caf::atom("sharing"));
  config->set("scheduler.max-threads", static_cast<std::size_t>(workers));
  // An actor whose mailbox never empties lets the others run after so many messages, about 10 ms.
  // That is for `results`: it has one turn where each target with an outcome has one. How many
  // outcomes wait meanwhile is for `waiting_outcomes` to bound (a million targets: 66,667). With
  // much less that limit would be met for as many turns of all targets as it takes to get below,
  // and no probe would begin.
  config->set("scheduler.max-throughput", std::size_t{20'000});
  config->set("logger.verbosity", caf::atom("quiet"));
  return config;
}

} // namespace

actor_host::actor_host(stats_identity identity, std::uint32_t workers, std::function<void()> failed)
    : failed_(std::move(failed)), io_(1), work_(io_.get_executor()), config_(make_config(workers)),
      system_(std::make_unique<caf::actor_system>(*config_)) {
  stats_ = system_->spawn(xprober::stats, std::move(identity));
  health_ = system_->spawn(xprober::health, stats_);
  remember(actor_kind::health, caf::actor_cast<caf::strong_actor_ptr>(health_));
  remember(actor_kind::stats, caf::actor_cast<caf::strong_actor_ptr>(stats_));
  gateway_ = spawn(actor_kind::gateway, bridge::gateway, stats_);
}

actor_host::~actor_host() {
  stop_actors();
  stop_io();
  gateway_ = nullptr;
  health_ = nullptr;
  stats_ = nullptr;
}

void actor_host::remember(actor_kind kind, caf::strong_actor_ptr handle) {
  caf::actor_cast<caf::abstract_actor*>(handle)->attach_functor(
      [this, kind](const caf::error& reason) { ended(kind, reason); });
  if (kind != actor_kind::health) {
    caf::anon_send(health_, vital_actor{kind, caf::actor_cast<caf::actor>(handle)});
  }
  actors_.push_back(std::move(handle));
  lifecycle_report report{kind};
  report.spawned = 1;
  caf::anon_send(stats_, report);
}

/// Runs where the actor ended.
void actor_host::ended(actor_kind kind, const caf::error& reason) {
  const bool told = !reason || reason == caf::exit_reason::normal ||
                    reason == caf::exit_reason::kill || reason == caf::exit_reason::user_shutdown;
  if (told || stopping_) {
    return;
  }
  try {
    tell_failure(kind, reason);
  } catch (const std::exception&) {
    // Where there is no memory for a line of the log; the process ends all the same.
    constexpr std::string_view line = "a part of the program has failed, and so has its report\n";
    std::fwrite(line.data(), 1, line.size(), stderr);
  }
  // One message may be the end of many: the process ends once.
  if (!has_failed_.exchange(true) && failed_) {
    failed_();
  }
}

void actor_host::tell_failure(actor_kind kind, const caf::error& reason) const {
  lifecycle_report report{kind};
  report.failed = 1;
  caf::anon_send(stats_, report);
  log::write(log::level::critical, "main", "a part of the program has failed; the process ends",
             {{"actor", to_string(kind)}, {"error", bridge::error_text(reason)}});
}

health_report actor_host::ask_health(std::chrono::nanoseconds longest) {
  health_report report;
  caf::scoped_actor self{*system_};
  self->request(health_, longest, get_health_atom_v)
      .receive([&](const health_report& answer) { report = answer; },
               [&](const caf::error& why) {
                 report = {false, "the health check cannot answer: " + bridge::error_text(why)};
               });
  return report;
}

void actor_host::warn(std::vector<std::string> warnings) {
  for (const auto& warning : warnings) {
    log::warn("main", "the configuration may not be what is meant", {{"what", warning}});
  }
  caf::anon_send(stats_, warnings_report{"configuration", std::move(warnings)});
}

void actor_host::start_io() {
  thread_ = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), "io");
    io_.run();
  });
}

void actor_host::stop_actors() {
  stopping_ = true;
  for (; !actors_.empty(); actors_.pop_back()) {
    caf::anon_send_exit(actors_.back(), caf::exit_reason::user_shutdown);
  }
  system_->await_all_actors_done();
}

void actor_host::stop_io() {
  io_.stop();
  if (thread_.joinable()) {
    thread_.join();
  }
  // Nobody asks them any more, and those who wait for them are there still.
  answers_->stop();
  requests_->stop();
}

} // namespace xprober::app
