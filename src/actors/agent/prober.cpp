#include "xprober/actors/agent/prober.hpp"

#include <algorithm>
#include <utility>

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/domain/comma_list.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/probe_endpoint.hpp"
#include "xprober/domain/target_text.hpp"

namespace xprober {

namespace {

/// What blackbox_exporter probes with where a question names no module.
constexpr std::string_view default_module = "http_2xx";

using question_refusal = std::pair<probe_refusal, std::string>;

std::string known_modules(const probe_modules& offer) {
  constexpr std::size_t most = 20;
  std::string names;
  std::size_t count = 0;
  for (const auto& [name, module] : offer.modules) {
    if (++count > most) {
      return names + ", ...";
    }
    append_listed(names, name);
  }
  return names;
}

/// What is wrong with the host name that a question wants; empty: nothing.
std::string hostname_problem(const std::string& hostname, const probe_module& module) {
  if (hostname.empty() || module.config->prober->takes != target_form::url) {
    return {};
  }
  const bool printable = std::ranges::all_of(hostname, [](char c) { return c > ' ' && c < 0x7F; });
  if (!printable) {
    return "the parameter hostname holds a blank, a control character or one that is not ASCII";
  }
  if (!module.hostname.empty() && module.hostname != hostname) {
    return "the module has the header Host: " + module.hostname +
           ", and the parameter hostname says another";
  }
  return {};
}

/// The answer to a question whose target no engine can probe; null where one can.
probe_answer_ptr answer_to_bad(const probe_question& question, const probe_module& module) {
  const prober_name type{*module.config->prober};
  auto reading = read_target(type, question.target);
  if (reading.block) {
    reading.problem = "a probe is of one address, not of a block";
  }
  if (reading.problem.empty()) {
    return nullptr;
  }
  auto answer = std::make_shared<probe_answer>();
  answer->module = module.config;
  answer->outcome.error = probe_error::bad_target;
  answer->outcome.detail = bad_target_text(type, question.target, reading.problem);
  answer->outcome.started = wall_clock::now();
  return answer;
}

/// True where the module goes with the target on the agent's list: what it sends is sent there
/// anyway.
bool is_own_module(const probe_question& question) {
  return question.own && question.own->uid.type.text() == question.module;
}

/// Why a module's credentials may not be sent for this question; empty where they may.
std::string secrets_problem(const probe_question& question, const probe_modules& offer,
                            const probe_module& module) {
  const bool anywhere = question.from_server ? !is_own_module(question) : offer.strangers_ask;
  if (!anywhere || !module.is_for_anybody) {
    return {};
  }
  const std::string_view who =
      question.from_server
          ? "the target is not probed with it by this agent's list: who asks the server could "
            "have them sent to any target"
          : "http_addr is not loopback: whoever asks could have them sent anywhere";
  return "The module \"" + question.module + "\" sends credentials, and " + std::string{who} +
         ". Name the hosts that may get them in the module's secret_hosts";
}

/// What a question's engine is to probe.
target_ref spec_for(const probe_question& question, const probe_module& module) {
  if (is_own_module(question)) {
    return question.own;
  }
  auto address = question.target;
  auto user = take_user(module.name, address);
  auto spec = new_counted<target_spec>(target_spec{{"", std::move(address), module.name}});
  if (user) {
    spec->user_info = std::make_unique<const std::string>(std::move(*user));
  }
  return spec;
}

/// What is left of a question's time; 0: it has no limit.
nanoseconds time_left(const probe_question& question, nanoseconds used) {
  return question.time_limit.count() == 0 ? nanoseconds{0} : question.time_limit - used;
}

probe_answer_ptr refused(question_refusal why) {
  auto answer = std::make_shared<probe_answer>();
  answer->refused = why.first;
  answer->problem = std::move(why.second);
  return answer;
}

} // namespace

probe_modules make_probe_modules(const agent_config& config, const engine_table& engines) {
  probe_modules offer;
  offer.max_running = config.max_probe_requests;
  offer.off = probe_endpoint_problem(config);
  offer.strangers_ask = !is_loopback_listener(config.http_addr);
  offer.limits = limits_to(config.probe_endpoint.allowed_targets, "probe_endpoint.allowed_targets");
  const auto add = [&](std::string_view name, const module_config& module, prober_name known_as,
                       std::uint32_t echoes) {
    offer.modules.try_emplace(
        std::string{name},
        probe_module{std::make_shared<const module_config>(module), std::move(known_as), echoes,
                     asked_host(*module.prober, module),
                     module.secret_hosts.empty() && has_secrets(*module.prober, module)});
  };
  for (const auto& [name, module] : config.modules) {
    if (engines.find(*module.prober) != nullptr) {
      add(name, module, prober_name{name, module.prober}, 0);
    }
  }
  for (const auto& [kind, engine] : engines.entries()) {
    const auto module = ad_hoc_module(*kind, config);
    add(kind->name, module, *kind, 1);
    if (kind->takes == target_form::url) {
      add(default_module, module, *kind, 1);
    }
  }
  return offer;
}

void prober_state::ask(const probe_question& question,
                       caf::typed_response_promise<probe_answer_ptr> promise) {
  const auto found = offer.modules.find(question.module);
  question_refusal why{probe_refusal::none, {}};
  if (ending) {
    why = {probe_refusal::ending, "the agent ends"};
  } else if (!question.from_server && !offer.off.empty()) {
    why = {probe_refusal::off, offer.off};
  } else if (found == offer.modules.end()) {
    why = {probe_refusal::unknown_module,
           "Unknown module \"" + question.module + "\"; known are " + known_modules(offer)};
  } else if (auto secrets = secrets_problem(question, offer, found->second); !secrets.empty()) {
    why = {probe_refusal::secrets, std::move(secrets)};
  } else if (auto wrong = hostname_problem(question.hostname, found->second); !wrong.empty()) {
    why = {probe_refusal::bad_hostname, std::move(wrong)};
  } else if (running.size() >= offer.max_running) {
    ++counts.refused;
    tell_stats();
    why = {probe_refusal::too_many, std::to_string(running.size()) +
                                        " probes are running for /probe, max_probe_requests allows "
                                        "no more"};
  }
  if (why.first != probe_refusal::none) {
    promise.deliver(refused(std::move(why)));
    return;
  }
  if (auto answer = is_own_module(question) ? nullptr : answer_to_bad(question, found->second)) {
    promise.deliver(std::move(answer));
    return;
  }
  const auto number = ++last_number;
  auto& asked = running[number];
  asked = {std::move(promise), question, found->second, self->clock().now()};
  start(number, asked);
}

void prober_state::start(std::uint64_t number, running_question& asked) {
  const auto& question = asked.question;
  const auto& module = asked.module;
  ++asked.attempts;
  const auto answer = std::make_shared<probe_answer>();
  answer->module = module.config;
  auto wishes = std::make_shared<ad_hoc_request>();
  wishes->time_limit = time_left(question, self->clock().now() - asked.begun);
  wishes->hostname = question.hostname;
  wishes->echoes = question.from_server ? 0 : module.echoes;
  wishes->with_lines = question.with_lines;
  wishes->limits = question.from_server ? nullptr : offer.limits;
  wishes->tell = [answer](probe_story&& story) { answer->story = std::move(story); };
  ++counts.started;
  tell_stats();
  record_probe(actor_kind::prober, *module.config->prober);
  auto* engine = engines.find(*module.config->prober);
  engine->start(
      {spec_for(question, module), monotonic_clock::now(), std::move(wishes)},
      [me = caf::actor_cast<prober_actor>(self), number, answer](probe_outcome&& outcome) {
        answer->outcome = std::move(outcome);
        caf::anon_send(me, probe_answered{number, answer});
      });
}

bool prober_state::is_spoilt(const probe_answer& answer, const running_question& asked) const {
  constexpr unsigned most_attempts = 3;
  const auto used = self->clock().now() - asked.begun;
  return answer.outcome.error == probe_error::local_overload && !ending &&
         asked.attempts < most_attempts && used * 2 < asked.question.time_limit;
}

void prober_state::answered(const probe_answered& done) {
  const auto asker = running.find(done.number);
  if (asker == running.end()) {
    return;
  }
  if (is_spoilt(*done.answer, asker->second)) {
    start(done.number, asker->second);
    return;
  }
  asker->second.promise.deliver(done.answer);
  running.erase(asker);
  tell_stats();
}

caf::result<done_atom> prober_state::report() {
  const auto& asked = engines.entries();
  if (asked.empty()) {
    return done_atom_v;
  }
  const auto number = ++last_report;
  auto promise = self->make_response_promise<done_atom>();
  reports.emplace(number, asked_report{promise, asked.size()});
  for (const auto& entry : asked) {
    entry.engine->report([me = caf::actor_cast<prober_actor>(self), number] {
      caf::anon_send(me, done_atom_v, number);
    });
  }
  return promise;
}

void prober_state::reported(std::uint64_t number) {
  const auto asked = reports.find(number);
  if (--asked->second.left == 0) {
    asked->second.promise.deliver(done_atom_v);
    reports.erase(asked);
  }
}

void prober_state::tell_stats() {
  counts.in_flight = running.size();
  self->send(stats, counts);
}

prober_actor::behavior_type prober(prober_actor::stateful_pointer<prober_state> self,
                                   const engine_table& engines, stats_actor stats,
                                   probe_modules offer) {
  guard_actor(self, "prober");
  auto& state = self->state;
  state.self = self;
  state.engines = engines;
  state.stats = std::move(stats);
  state.offer = std::move(offer);
  return {
      [self](const probe_question& question) -> caf::result<probe_answer_ptr> {
        const handler_meter meter{self, actor_kind::prober, self->state.stats};
        auto promise = self->make_response_promise<probe_answer_ptr>();
        self->state.ask(question, promise);
        return promise;
      },
      [self](const probe_answered& done) {
        const handler_meter meter{self, actor_kind::prober, self->state.stats,
                                  *done.answer->module->prober};
        self->state.answered(done);
      },
      [self](const probe_modules& fresh) { self->state.offer = fresh; },
      [self](report_atom) { return self->state.report(); },
      [self](done_atom, std::uint64_t number) { self->state.reported(number); },
      [self](stop_atom) { self->state.ending = true; },
  };
}

} // namespace xprober
