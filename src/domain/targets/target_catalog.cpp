#include "xprober/domain/targets/target_catalog.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/domain/target_text.hpp"

namespace xprober {

namespace {

/// Drops repeated addresses, keeping the first of each.
void keep_distinct(std::vector<std::string>& addresses) {
  std::vector<bool> repeated(addresses.size(), false);
  bool any = false;
  {
    std::unordered_set<std::string_view> seen;
    seen.reserve(addresses.size());
    for (std::size_t i = 0; i < addresses.size(); ++i) {
      if (!seen.insert(addresses[i]).second) {
        repeated[i] = true;
        any = true;
      }
    }
  }
  if (!any) {
    return;
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    if (repeated[i]) {
      continue;
    }
    if (kept != i) {
      addresses[kept] = std::move(addresses[i]);
    }
    ++kept;
  }
  addresses.resize(kept);
}

class expander {
public:
  expander(std::uint64_t max_targets, std::uint64_t already)
      : max_targets_(max_targets), already_(std::min(already, max_targets)), written_(already_) {}

  /// False, and `error()` says why, if the entry cannot be used.
  bool add(const target_entry& entry, std::size_t number) {
    place_ = !entry.origin.empty() ? entry.origin + ":" + std::to_string(entry.line)
             : entry.line > 0      ? "line " + std::to_string(entry.line)
                                   : "prober_targets entry " + std::to_string(number);
    if (!is_prober_name(entry.prober_type)) {
      return fail("prober_type " + shown_text(entry.prober_type) + " cannot be used: allowed are " +
                  std::string{kind_names()} + " and the names of agents' modules");
    }
    const prober_name type{entry.prober_type};
    if (!is_region_name(entry.region)) {
      return fail("region must be clean text of 1 to " + std::to_string(max_region_bytes) +
                  " bytes");
    }
    for (const auto& region : entry.source_regions) {
      if (!is_region_name(region)) {
        return fail("source_regions must hold clean texts of 1 to " +
                    std::to_string(max_region_bytes) + " bytes");
      }
    }
    auto& addresses = slice_of(entry, type).addresses;
    const auto before = addresses.size();
    for (const auto& text : entry.target) {
      if (!add_target(type, text, addresses, entry.origin.empty())) {
        return false;
      }
    }
    labels_.add(type, entry.region, std::span{addresses}.subspan(before), entry.labels);
    return true;
  }

  const std::string& error() const noexcept { return error_; }
  std::uint64_t written() const noexcept { return written_ - already_; }

  catalog_ptr finish() {
    auto& slices = catalog_.slices;
    std::map<std::pair<prober_name, std::string_view>, std::vector<const target_slice*>> groups;
    for (auto& slice : slices) {
      keep_distinct(slice.addresses);
      slice.addresses.shrink_to_fit();
      groups[{slice.type, slice.region}].push_back(&slice);
    }
    for (const auto& [key, parts] : groups) {
      catalog_.count.of(key.first) += count_distinct(parts);
    }
    catalog_.duplicates = written() - catalog_.total();
    catalog_.labels = labels_.finish();
    return std::make_shared<const target_catalog>(std::move(catalog_));
  }

private:
  bool fail(const std::string& what) {
    error_ = place_ + ": " + what;
    return false;
  }

  target_slice& slice_of(const target_entry& entry, const prober_name& type) {
    auto sources = entry.source_regions;
    std::sort(sources.begin(), sources.end());
    sources.erase(std::unique(sources.begin(), sources.end()), sources.end());
    probe_rule rule{std::move(sources), entry.sharding};
    const auto [i, fresh] = index_.try_emplace({type, entry.region, rule}, catalog_.slices.size());
    if (fresh) {
      catalog_.slices.push_back({type, entry.region, std::move(rule), {}});
    }
    return catalog_.slices[i->second];
  }

  bool add_target(const prober_name& type, const std::string& text,
                  std::vector<std::string>& addresses, bool needed) {
    const auto reading = read_target(type, text);
    if (!reading.problem.empty()) {
      auto problem = "target " + bad_target_text(type, text, reading.problem);
      if (needed) {
        return fail(problem);
      }
      catalog_.bad.add(place_ + ": " + std::move(problem));
      return true;
    }
    const std::uint64_t size = reading.size();
    if (size > max_targets_ - written_) {
      return fail(over_limit(without_user(type, text), size));
    }
    written_ += size;
    if (!reading.block) {
      addresses.push_back(text);
      return true;
    }
    for_each_address(*reading.block, size,
                     [&](const ip_address& address) { addresses.push_back(to_string(address)); });
    return true;
  }

  std::string over_limit(const std::string& text, std::uint64_t size) const {
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    const bool overflow = size > most - written_;
    const auto sum =
        overflow ? "more than " + std::to_string(most) : std::to_string(written_ + size);
    return "target " + shown_text(text) + " stands for " + std::to_string(size) +
           " targets and makes them " + sum + " in all; max_targets allows " +
           std::to_string(max_targets_) + ": name a smaller block or raise max_targets";
  }

  static std::uint64_t count_distinct(const std::vector<const target_slice*>& parts) {
    if (parts.size() == 1) {
      return parts.front()->addresses.size();
    }
    std::unordered_set<std::string_view> seen;
    for (const auto* part : parts) {
      seen.insert(part->addresses.begin(), part->addresses.end());
    }
    return seen.size();
  }

  using slice_key = std::tuple<prober_name, std::string, probe_rule>;

  std::uint64_t max_targets_;
  std::uint64_t already_;
  std::uint64_t written_; ///< with those of others; never above `max_targets_`
  target_labels::builder labels_;
  target_catalog catalog_;
  std::map<slice_key, std::size_t> index_;
  std::string place_;
  std::string error_;
};

} // namespace

bool probed_from(const probe_rule& rule, const prober_name& type, std::string_view region,
                 std::string_view source_region) noexcept {
  if (!rule.source_regions.empty()) {
    return std::binary_search(rule.source_regions.begin(), rule.source_regions.end(), source_region,
                              std::less<>{});
  }
  const auto* kind = type.kind();
  return kind == nullptr || kind->own_region || region != source_region;
}

std::uint64_t& target_counts::of(const prober_name& name) {
  return name.kind() == nullptr ? of_modules : by_kind[name.kind()->name];
}

std::uint64_t target_counts::total() const noexcept {
  auto sum = of_modules;
  for (const auto& [name, count] : by_kind) {
    sum += count;
  }
  return sum;
}

std::uint64_t target_catalog::total() const noexcept { return count.total(); }

expansion expand_targets(const std::vector<target_entry>& entries, std::uint64_t max_targets,
                         std::uint64_t already) {
  expander e{max_targets, already};
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!e.add(entries[i], i + 1)) {
      return {nullptr, e.error()};
    }
  }
  auto catalog = e.finish();
  return {std::move(catalog), {}, e.written()};
}

} // namespace xprober
