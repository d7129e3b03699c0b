#include "xprober/domain/targets/target_labels.hpp"

#include <algorithm>
#include <array>

#include "xprober/domain/ascii.hpp"

namespace xprober {

namespace {

/// Names that series have from us, on any of the server's ways out.
constexpr std::array<std::string_view, 7> own_names{
    "addr", "agent", "phase", "probe_type", "source_region", "target", "target_region"};

bool is_letter(char c) noexcept { return ascii::is_letter(c) || c == '_'; }

} // namespace

bool is_label_name(std::string_view text) noexcept {
  return !text.empty() && is_letter(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_letter(c) || ascii::is_digit(c); });
}

std::map<std::string, std::string> series_labels(const std::map<std::string, std::string>& labels) {
  std::map<std::string, std::string> kept;
  std::vector<std::pair<std::string, std::string>> taken;
  for (const auto& [name, value] : labels) {
    if (name.starts_with("__") || value.empty()) {
      continue;
    }
    if (std::ranges::find(own_names, name) != own_names.end()) {
      taken.emplace_back(name, value);
    } else {
      kept.emplace(name, value);
    }
  }
  for (auto& [name, value] : taken) {
    do {
      name.insert(0, "exported_");
    } while (kept.contains(name));
    kept.emplace(std::move(name), std::move(value));
  }
  return kept;
}

const label_list* target_labels::find(std::uint64_t uid_hash) const noexcept {
  const auto at = std::ranges::lower_bound(rows_, uid_hash, {}, &row::uid_hash);
  return at == rows_.end() || at->uid_hash != uid_hash ? nullptr : &lists_[at->list];
}

void target_labels::builder::add(const prober_name& type, const std::string& region,
                                 std::span<const std::string> addresses,
                                 const std::map<std::string, std::string>& labels) {
  if (labels.empty() || addresses.empty()) {
    return;
  }
  label_list list{labels.begin(), labels.end()};
  const auto [known, fresh] =
      known_.try_emplace(std::move(list), static_cast<std::uint32_t>(made_.lists_.size()));
  if (fresh) {
    made_.lists_.push_back(known->first);
  }
  target_uid uid{region, {}, type};
  for (const auto& address : addresses) {
    uid.address = address;
    take_user(type, uid.address); // results come without it
    made_.rows_.push_back({stable_hash(uid), known->second});
  }
}

target_labels_ptr target_labels::builder::finish() {
  auto& rows = made_.rows_;
  // Stable: of several rows of one target the first that was named stays in front.
  std::ranges::stable_sort(rows, {}, &row::uid_hash);
  std::size_t kept = 0;
  bool counted = false;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (kept == 0 || rows[kept - 1].uid_hash != rows[i].uid_hash) {
      rows[kept++] = rows[i];
      counted = false;
    } else if (!counted && rows[kept - 1].list != rows[i].list) {
      ++made_.conflicts_;
      counted = true;
    }
  }
  rows.resize(kept);
  rows.shrink_to_fit();
  known_.clear();
  auto table = rows.empty() ? nullptr : std::make_shared<const target_labels>(std::move(made_));
  made_ = {};
  return table;
}

} // namespace xprober
