#include "xprober/app/probe_run.hpp"

#include <algorithm>
#include <cstdio>

#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>

#include "xprober/base/signals.hpp"
#include "xprober/domain/target_text.hpp"

namespace xprober::app {

probe_run::probe_run(probe_engine& engine, std::vector<std::string> targets, options how,
                     observer on_result)
    : engine_(engine), targets_(std::move(targets)), how_(std::move(how)),
      on_result_(std::move(on_result)), outcomes_(targets_.size()), attempts_(targets_.size()) {
  for (auto& outcome : outcomes_) {
    outcome.error = probe_error::shutdown;
    outcome.detail = "interrupted";
  }
}

std::vector<probe_outcome> probe_run::run() {
  boost::asio::signal_set signals{context_, SIGINT, SIGTERM};
  signals.async_wait([this](const boost::system::error_code& error, int) {
    if (!error) {
      end_early();
    }
  });
  note_signals();
  auto work = boost::asio::make_work_guard(context_);
  const std::size_t at_once = std::min(how_.window, targets_.size());
  started_ = at_once;
  for (std::size_t place = 0; place < at_once; ++place) {
    start_one(place);
  }
  while (ended_ < targets_.size() && !context_.stopped()) {
    context_.run_one();
  }
  engine_.stop();
  // What ended meanwhile is still to be told.
  work.reset();
  signals.cancel();
  context_.restart();
  context_.poll();
  // From here on a signal ends the program at once, and what was measured may wait for its reader.
  signals.clear();
  forget_noted_signal();
  if (how_.show_progress) {
    std::fputs("\r\033[K", stderr);
  }
  return std::move(outcomes_);
}

void probe_run::start_one(std::size_t place) {
  ++attempts_[place];
  target_spec spec;
  spec.uid = {"", targets_[place], *how_.kind};
  if (auto user = take_user(spec.uid.type, spec.uid.address)) {
    spec.user_info = std::make_unique<const std::string>(std::move(*user));
  }
  spec.index = static_cast<target_index>(place);
  std::shared_ptr<ad_hoc_request> watched;
  if (how_.on_echo) {
    watched = std::make_shared<ad_hoc_request>();
    watched->answered = [this, place](const echo_answer& answer) {
      boost::asio::post(context_, [this, place, answer] { how_.on_echo(place, answer); });
    };
  }
  engine_.start(
      {new_counted<const target_spec>(std::move(spec)), monotonic_clock::now(), std::move(watched)},
      [this, place](probe_outcome&& outcome) { ended(place, std::move(outcome)); });
}

void probe_run::ended(std::size_t place, probe_outcome&& outcome) {
  if (outcome.error == probe_error::local_overload && attempts_[place] < how_.attempts &&
      !stopping_) {
    start_one(place);
    return;
  }
  failed_ += outcome.success ? 0U : 1U;
  outcomes_[place] = std::move(outcome);
  if (on_result_) {
    boost::asio::post(context_, [this, place] {
      if (!on_result_(place, outcomes_[place])) {
        end_early();
      }
    });
  }
  if (!stopping_) {
    if (const std::size_t next = started_++; next < targets_.size()) {
      start_one(next);
    }
  }
  // A line for each of many targets would cost more than their probes.
  const std::size_t step = targets_.size() / 100 + 1;
  const std::size_t count = ++ended_;
  if (count == targets_.size() || (how_.show_progress && count % step == 0)) {
    boost::asio::post(context_, [this] { show_progress(); });
  }
}

void probe_run::end_early() {
  stopping_ = true;
  context_.stop();
}

void probe_run::show_progress() const {
  if (how_.show_progress) {
    std::fprintf(stderr, "\r\033[K%zu of %zu probes ended, %zu failed", ended_.load(),
                 targets_.size(), failed_.load());
  }
}

std::string error_text(const probe_outcome& outcome) {
  if (outcome.error == probe_error::none) {
    return "";
  }
  const std::string name{to_string(outcome.error)};
  return outcome.detail.empty() ? name : name + ": " + outcome.detail;
}

std::string expand_named(const prober_name& type, std::vector<std::string>& targets,
                         std::size_t limit) {
  std::vector<std::string> expanded;
  for (auto& text : targets) {
    const auto reading = read_target(type, text);
    if (!reading.problem.empty()) {
      return bad_target_text(type, text, reading.problem);
    }
    if (reading.size() > limit - expanded.size()) {
      return without_user(type, text) + ": more than " + std::to_string(limit) + " targets in all";
    }
    if (!reading.block) {
      expanded.push_back(std::move(text));
      continue;
    }
    for_each_address(*reading.block, reading.size(),
                     [&](const ip_address& a) { expanded.push_back(to_string(a)); });
  }
  targets = std::move(expanded);
  return {};
}

} // namespace xprober::app
