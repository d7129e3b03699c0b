#include "xprober/remote_write/label_sets.hpp"

#include <algorithm>
#include <utility>

#include "xprober/domain/label_text.hpp"

namespace xprober {

namespace {

constexpr std::string_view metric_label = "__name__";

/// Tables that are kept for series that end after their target's labels have gone.
constexpr std::size_t tables_kept = 4;

/// Sets that are kept beside those that targets have now.
constexpr std::size_t most_sets = 1'000'000;

} // namespace

remote_label_sets::remote_label_sets(std::map<std::string, std::string> of_receiver)
    : of_receiver_(std::move(of_receiver)) {
  intern({});
}

bool remote_label_sets::enter(target_labels_ptr labels) {
  if ((tables_.empty() && !labels) || (!tables_.empty() && tables_.front() == labels)) {
    return false;
  }
  const std::size_t labelled = labels ? labels->size() : 0;
  tables_.push_front(std::move(labels));
  if (tables_.size() > tables_kept) {
    tables_.pop_back();
  }
  seen_.clear();
  if (sets_.size() <= std::max(most_sets, 2 * labelled)) {
    return false;
  }
  numbers_.clear();
  sets_.clear();
  intern({});
  return true;
}

std::uint32_t remote_label_sets::intern(const label_list& own) {
  std::map<std::string, std::string> all{own.begin(), own.end()};
  all.insert(of_receiver_.begin(), of_receiver_.end());
  std::erase_if(all,
                [](const auto& label) { return label.second.empty() || !is_utf8(label.second); });
  const auto [known, fresh] = numbers_.try_emplace(label_list{all.begin(), all.end()},
                                                   static_cast<std::uint32_t>(sets_.size()));
  if (fresh) {
    const auto& list = known->first;
    const auto behind =
        std::ranges::find_if(list, [](const auto& l) { return l.first > metric_label; });
    sets_.push_back({{list.begin(), behind}, {behind, list.end()}});
  }
  return known->second;
}

std::uint32_t remote_label_sets::number_of(std::string_view region, std::string_view address,
                                           std::string_view type, bool gone) {
  const auto tables = std::min(gone ? tables_kept : 1, tables_.size());
  bool named = false;
  for (std::size_t i = 0; i < tables; ++i) {
    if (!tables_[i]) {
      continue;
    }
    if (!std::exchange(named, true)) {
      uid_.region = region;
      uid_.address = address;
      if (uid_.type.text() != type) {
        uid_.type = prober_name{type};
      }
    }
    if (const auto* list = tables_[i]->find(uid_)) {
      const auto [seen, fresh] = seen_.try_emplace(list, 0);
      if (fresh) {
        seen->second = intern(*list);
      }
      return seen->second;
    }
  }
  return 0;
}

} // namespace xprober
