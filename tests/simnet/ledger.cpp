#include "simnet/ledger.hpp"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

namespace simnet {

namespace {

using nlohmann::ordered_json;

ordered_json times_json(const turnarounds& times) {
  if (times.count() == 0) {
    return nullptr;
  }
  const auto ranks = times.percentiles({0.5, 0.9, 0.99});
  return {{"count", times.count()},    {"min", times.min().count()},
          {"mean", times.mean_ns()},   {"p50", ranks[0]},
          {"p90", ranks[1]},           {"p99", ranks[2]},
          {"max", times.max().count()}};
}

ordered_json account_json(const account& a, const config& how) {
  const auto ended = [&](fate f) { return a.ended[static_cast<std::size_t>(f)]; };
  ordered_json rule = nullptr;
  if (a.how != nullptr) {
    rule = a.how - how.rules.data();
  }
  return {{"address", to_string(a.who)},
          {"rule", rule},
          {"delay_us", static_cast<double>(a.delay.count()) / 1000},
          {"loss", a.loss},
          {"requests", a.requests},
          {"answered", ended(fate::answered)},
          {"dropped", ended(fate::dropped)},
          {"errors", ended(fate::error)},
          {"wrong_source", ended(fate::wrong_source)},
          {"wrong_id", ended(fate::wrong_id)},
          {"corrupted", ended(fate::corrupted)},
          {"late", ended(fate::late)},
          {"pending", a.pending},
          {"unwritten", a.unwritten},
          {"duplicates", a.duplicates},
          {"held_back", a.held_back},
          {"reordered", a.reordered},
          {"turnaround_ns", times_json(a.times)}};
}

} // namespace

void turnarounds::add(nanoseconds time, std::size_t most) {
  min_ = count_ == 0 ? time : std::min(min_, time);
  max_ = std::max(max_, time);
  sum_ += time;
  if (kept_.size() < most) {
    kept_.push_back(time.count());
  } else if (most > 0) {
    kept_[count_ % most] = time.count();
  }
  ++count_;
}

double turnarounds::mean_ns() const noexcept {
  return count_ == 0 ? 0 : static_cast<double>(sum_.count()) / static_cast<double>(count_);
}

std::vector<std::int64_t> turnarounds::percentiles(const std::vector<double>& fractions) const {
  std::vector<std::int64_t> sorted = kept_;
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::int64_t> out;
  for (const double fraction : fractions) {
    const double rank = std::ceil(fraction * static_cast<double>(sorted.size()));
    out.push_back(sorted.empty() ? 0 : sorted[static_cast<std::size_t>(std::max(rank, 1.0)) - 1]);
  }
  return out;
}

account& ledger::of(const address& who) {
  const auto [at, is_new] = places_.try_emplace(who, static_cast<std::uint32_t>(accounts_.size()));
  if (!is_new) {
    return accounts_[at->second];
  }
  account& a = accounts_.emplace_back();
  a.who = who;
  a.how = config_.find(who);
  std::uint64_t salt = mixed(config_.seed);
  const auto next = [&] { return hash_of(who, ++salt); };
  if (a.how != nullptr) {
    const double us = a.how->delay_us.at(as_fraction(next()));
    a.delay = nanoseconds{static_cast<std::int64_t>(us * 1000)};
    a.loss = a.how->loss.at(as_fraction(next()));
  }
  for (deck* d : {&a.losing, &a.failing, &a.straying, &a.renaming, &a.corrupting, &a.delaying,
                  &a.repeating, &a.holding}) {
    *d = deck{next()};
  }
  a.noise = next();
  return a;
}

void ledger::write(std::ostream& out) const {
  for (const account& a : accounts_) {
    out << account_json(a, config_).dump() << '\n';
  }
}

} // namespace simnet
