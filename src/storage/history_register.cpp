#include "xprober/storage/history_register.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace xprober::storage {

history_register::history_register(entries known) : all_(std::move(known)) {
  for (const auto& [key, one] : all_) {
    next_number_ = std::max(next_number_, one.number + 1);
    if (key.subject.one_target) {
      ++targets_;
    } else {
      shares_.add(key.subject.source_region, one.agent);
    }
  }
}

std::optional<std::uint32_t>
history_register::number(const history_key& key, const std::string& agent, std::uint64_t most) {
  const auto& region = key.subject.source_region;
  const bool one_target = key.subject.one_target;
  if (const auto found = all_.find(key); found != all_.end()) {
    auto& known = found->second;
    if (!one_target && known.agent.empty() && !agent.empty()) {
      shares_.remove(region, {});
      shares_.add(region, agent);
      known.agent = agent;
      known.written = false;
    }
    return known.number;
  }
  if (one_target ? targets_ >= most : !shares_.take(region, agent, most)) {
    return std::nullopt;
  }
  targets_ += one_target ? 1U : 0U;
  all_.emplace(key, known_series{next_number_, 0, false, one_target ? std::string{} : agent});
  return next_number_++;
}

void history_register::erase(const history_key& key) {
  const auto found = all_.find(key);
  if (key.subject.one_target) {
    --targets_;
  } else {
    shares_.remove(key.subject.source_region, found->second.agent);
  }
  all_.erase(found);
}

void history_register::set_written(bool written) {
  for (auto& [key, known] : all_) {
    known.written = written;
  }
}

std::vector<history_register::known_key>
history_register::find(const history_subject& subject) const {
  std::vector<known_key> all;
  for (auto i = all_.lower_bound({subject, {}}); i != all_.end() && i->first.subject == subject;
       ++i) {
    all.push_back({i->second.number, i->first.phases});
  }
  std::ranges::sort(all, std::greater<>{}, &known_key::number);
  all.resize(std::min(all.size(), most_variants));
  return all;
}

std::vector<history_register::target_series>
history_register::find_target(std::string_view uid, std::string_view source_region) const {
  std::vector<target_series> all;
  const history_subject first{{}, result_group::pair, {}, std::string{uid}, true};
  for (auto i = all_.lower_bound({first, {}});
       i != all_.end() && i->first.subject.one_target && i->first.subject.other == uid &&
       all.size() < most_sources;
       ++i) {
    const auto& subject = i->first.subject;
    if (source_region.empty() || subject.source_region == source_region) {
      all.push_back({{i->second.number, i->first.phases}, subject});
    }
  }
  std::ranges::stable_sort(all, {}, [](const target_series& found) -> const std::string& {
    return found.subject.source_region;
  });
  return all;
}

std::vector<history_register::pair_series> history_register::find_pairs(const history_subject& of,
                                                                        std::size_t most) const {
  std::vector<pair_series> all;
  const history_subject first{of.kind, result_group::pair, of.source_region, {}};
  for (auto i = all_.lower_bound({first, {}}); i != all_.end() && all.size() < most; ++i) {
    const auto& subject = i->first.subject;
    if (subject.one_target || subject.kind != of.kind || subject.grouped_by != result_group::pair ||
        (!of.source_region.empty() && subject.source_region != of.source_region)) {
      break;
    }
    if (of.other.empty() || subject.other == of.other) {
      all.push_back({i->second.number, subject});
    }
  }
  return all;
}

} // namespace xprober::storage
