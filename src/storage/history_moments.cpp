#include "history_levels.hpp"
#include "xprober/storage/history.hpp"

namespace xprober::storage {

std::vector<history::pair_series> history::find_pairs(const history_subject& of,
                                                      std::size_t most) const {
  std::vector<pair_series> all;
  const history_subject first{of.kind, result_group::pair, of.source_region, {}};
  for (auto i = numbers_.lower_bound({first, {}}); i != numbers_.end() && all.size() < most; ++i) {
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

void history::scan(std::size_t level, std::int64_t from, std::int64_t to,
                   const std::function<void(std::uint32_t, std::string_view)>& visit) {
  auto rows = file().prepare(levels()[level].scan.c_str());
  rows.bind(from).bind(to);
  while (rows.step()) {
    visit(static_cast<std::uint32_t>(rows.number(0)), rows.blob(1));
  }
}

} // namespace xprober::storage
