#include "xprober/verdict/settle_wait.hpp"

#include <algorithm>

namespace xprober {

/// Known by each of its names. A part of them does for the largest, as it does for the file. What
/// was once found to have failed for long stays so: its run is counted no further than
/// `longest_run`.
bool settle_wait::waits(const finding& found, std::uint32_t results,
                        std::chrono::milliseconds period, wall_time now) {
  const auto least = std::int64_t{results} + 1;
  bool waits = true;
  for (const auto* keys : {&found.sources, &found.targets}) {
    const auto known = std::min(keys->size(), incident::most_keys);
    for (std::size_t i = 0; i < known; ++i) {
      auto& one =
          waiting_.try_emplace((*keys)[i], waiting{now, now, found.run <= least}).first->second;
      one.since = std::min(one.since, now);
      one.met = now;
      const auto made = (now - one.since) / std::max(period, std::chrono::milliseconds{1});
      one.fresh = one.fresh && found.run <= least + made;
      waits = waits && !(one.fresh && now - one.since >= patience);
    }
  }
  return waits;
}

void settle_wait::end_look(wall_time now) {
  std::erase_if(waiting_, [&](const auto& known) { return known.second.met != now; });
}

} // namespace xprober
