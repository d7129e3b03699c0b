#include "xprober/probes/icmp/lane.hpp"

#include <algorithm>

namespace xprober::icmp {

namespace {

probe_plan plan_of(const icmp_config& config) {
  return {config.count, config.mode, config.interval, config.timeout};
}

icmp_config with_wishes(icmp_config config, const probe_request& request, monotonic_time now) {
  const auto& wishes = *request.ad_hoc;
  if (wishes.time_limit.count() != 0) {
    const auto end = (request.due == monotonic_time{} ? now : request.due) + wishes.time_limit;
    config.deadline =
        std::min(config.deadline, std::chrono::duration_cast<milliseconds>(end - now));
    config.deadline = std::max(config.deadline, milliseconds{1});
  }
  if (wishes.echoes != 0) {
    config.count = wishes.echoes;
    config.timeout = config.deadline;
  }
  config.timeout = std::min(config.timeout, config.deadline);
  return config;
}

} // namespace

lane_story::lane_story(std::shared_ptr<const ad_hoc_request> request, monotonic_time now)
    : request_(std::move(request)), begun_(now) {}

void lane_story::line(std::string text, std::vector<std::pair<std::string, std::string>> fields) {
  if (request_->with_lines) {
    told_.lines.push_back({monotonic_clock::now() - begun_, std::move(text), std::move(fields)});
  }
}

void lane_story::resolved(std::string address, nanoseconds took, monotonic_time now) {
  told_.first_address = std::move(address);
  told_.resolve = took;
  resolved_ = now;
  line("Resolved target address", {{"ip", told_.first_address}});
}

void lane_story::sent(std::uint32_t number, monotonic_time at) {
  if (!std::exchange(sent_, true)) {
    more_->setup = std::max(at - resolved_, nanoseconds{0});
  }
  line("Sent an echo request", {{"number", std::to_string(number)}});
}

void lane_story::answered(const echo_answer& answer) {
  line("Found matching reply packet", {{"number", std::to_string(answer.number)},
                                       {"hop_limit", std::to_string(answer.hop_limit)}});
  if (request_->answered) {
    request_->answered(answer);
  }
}

void lane_story::tell(const probe_outcome& outcome) {
  if (!request_->tell) {
    return;
  }
  if (outcome.error != probe_error::none) {
    line(outcome.detail, {{"error", std::string{to_string(outcome.error)}}});
  }
  told_.more = std::move(more_);
  request_->tell(std::move(told_));
}

lane::lane(icmp_config from, nanoseconds share_period)
    : config(std::move(from)), plan(plan_of(config)), filler(make_filler(config.size)),
      shares(share_period) {}

lane::lane(const lane& base, const probe_request& request, monotonic_time now)
    : config(with_wishes(base.config, request, now)), plan(plan_of(config)), filler(base.filler),
      shares(nanoseconds{0}), story(std::make_unique<lane_story>(request.ad_hoc, now)),
      limits(request.ad_hoc->limits) {
  share_sockets(base);
  story->line("Resolving target address", {{"target", request.target->uid.address}});
}

void lane::share_sockets(const lane& other) {
  endpoints = other.endpoints;
  problems = other.problems;
  opened_at = other.opened_at;
}

} // namespace xprober::icmp
