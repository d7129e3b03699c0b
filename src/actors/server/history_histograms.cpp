#include "xprober/actors/server/history_histograms.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "xprober/base/log.hpp"

namespace xprober {

void history_histograms::begin(const std::string& journal, std::uint64_t last_id) {
  // A journal that is new in the midst has nothing but what came to this process.
  const auto from = counted_.empty() ? last_id : 0;
  auto& through = counted_.try_emplace(journal, from).first->second;
  through = std::min(through, last_id); // an older copy of it: its next ids are new records
  through_ = &through;
}

bool history_histograms::take(std::uint64_t id) {
  if (through_ == nullptr || id <= *through_) {
    return false;
  }
  *through_ = id;
  return true;
}

native_histogram* history_histograms::find(const history_subject& of, monotonic_time now,
                                           std::int64_t unix_ms) {
  auto* found = set_.find(of, now, unix_ms);
  omitted_ += found == nullptr ? 1 : 0;
  return found;
}

void history_histograms::tend(monotonic_time now, bool reading) {
  if (reading) {
    set_.expire(now, longest_quiet);
  } else {
    set_.excuse(now);
  }
  if (omitted_ > 0 && !std::exchange(warned_, true)) {
    log::warn("history", "region pairs and addresses without a histogram: there are too many",
              {{"histograms", set_.size()}, {"probes_left_out", omitted_}});
  }
}

histogram_list history_histograms::all(monotonic_time now) const {
  return std::make_shared<const std::vector<histogram_series>>(set_.all(now));
}

} // namespace xprober
