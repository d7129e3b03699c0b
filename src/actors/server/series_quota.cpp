#include "xprober/actors/server/series_quota.hpp"

#include <utility>

#include "xprober/domain/string_hash.hpp"

namespace xprober {

series_quota::verdict series_quota::take(std::uint64_t agent, std::uint64_t target) {
  const auto series = combine_hash(agent, target);
  if (fresh_.contains(series)) {
    return verdict::taken;
  }
  const bool known = earlier_.contains(series);
  const auto found = agents_.find(agent);
  if (!known) {
    const auto has = found == agents_.end() ? 0 : found->second.fresh + found->second.earlier;
    if (has >= most_of_agent_) {
      return verdict::agent_full;
    }
    if (size_ >= most_) {
      return verdict::all_full;
    }
    ++size_;
  }
  auto& of_agent = found == agents_.end() ? agents_[agent] : found->second;
  fresh_.insert(series);
  ++of_agent.fresh;
  of_agent.earlier -= known && of_agent.earlier > 0 ? 1 : 0;
  return verdict::taken;
}

bool series_quota::has(std::uint64_t agent, std::uint64_t target) const noexcept {
  const auto series = combine_hash(agent, target);
  return fresh_.contains(series) || earlier_.contains(series);
}

void series_quota::rotate() {
  earlier_ = std::exchange(fresh_, {});
  size_ = 0;
  std::erase_if(agents_, [](const auto& item) { return item.second.fresh == 0; });
  for (auto& [agent, of_agent] : agents_) {
    of_agent = {0, of_agent.fresh};
    size_ += of_agent.earlier;
  }
}

std::uint64_t series_quota::size_of(std::uint64_t agent) const {
  const auto found = agents_.find(agent);
  return found == agents_.end() ? 0 : found->second.fresh + found->second.earlier;
}

} // namespace xprober
