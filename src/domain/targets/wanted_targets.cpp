#include "xprober/domain/targets/wanted_targets.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/url_secrets.hpp"

namespace xprober {

namespace {

bool comes_first_by_hash(const wanted_targets::named& a, const wanted_targets::named& b) noexcept {
  return std::tie(a.uid_hash, a.number) < std::tie(b.uid_hash, b.number);
}

probing_places places_of(std::vector<std::uint32_t> places) {
  return probing_places{std::make_shared<const std::vector<std::uint32_t>>(std::move(places))};
}

} // namespace

probing_places::probing_places(list all, std::optional<std::uint32_t> but) : all_(std::move(all)) {
  if (but && all_) {
    const auto at = std::ranges::lower_bound(*all_, *but);
    if (at != all_->end() && *at == *but) {
      left_out_ = static_cast<std::size_t>(at - all_->begin());
    }
  }
}

std::optional<std::size_t> probing_places::find(std::uint32_t place) const noexcept {
  if (!all_) {
    return std::nullopt;
  }
  const auto at = std::ranges::lower_bound(*all_, place);
  const auto index = static_cast<std::size_t>(at - all_->begin());
  if (at == all_->end() || *at != place || index == left_out_) {
    return std::nullopt;
  }
  return index < left_out_ ? index : index - 1;
}

bool probing_places::operator==(const probing_places& other) const noexcept {
  if (size() != other.size()) {
    return false;
  }
  if (empty() || (left_out_ == other.left_out_ && *all_ == *other.all_)) {
    return true;
  }
  for (std::size_t i = 0; i < size(); ++i) {
    if ((*this)[i] != other[i]) {
      return false;
    }
  }
  return true;
}

wanted_targets::wanted_targets(const target_universe& universe,
                               const std::vector<agent_identity>& known,
                               const std::vector<agent_identity>& active,
                               const wanted_targets* before, std::uint32_t now_unix)
    : universe_(universe), regions_(regions_of(universe, known, active)) {
  for (auto& region : regions_) {
    const auto place = before == nullptr ? std::nullopt : before->find_region(region.name);
    region.since_unix = place ? before->regions_[*place].since_unix : now_unix;
  }
  add_groups();
  add_names(before);
  since_.assign(size_, now_unix);
  if (before != nullptr) {
    keep_times(*before);
  }
}

std::vector<probing_region> wanted_targets::regions_of(const target_universe& universe,
                                                       const std::vector<agent_identity>& known,
                                                       const std::vector<agent_identity>& active) {
  std::map<std::string_view, probing_region> all;
  all.try_emplace(std::string_view{});
  if (universe.catalog) {
    for (const auto& slice : universe.catalog->slices) {
      for (const auto& name : slice.rule.source_regions) {
        all[name].name = name;
      }
    }
  }
  const auto add = [&all](const agent_identity& agent) -> probing_region& {
    auto& region = all[agent.region];
    region.name = agent.region;
    region.known = true;
    return region;
  };
  for (const auto& agent : known) {
    add(agent);
  }
  for (const auto& agent : active) {
    add(agent).there = true;
  }
  std::vector<probing_region> sorted;
  sorted.reserve(all.size());
  for (auto& [name, region] : all) {
    sorted.push_back(std::move(region));
  }
  return sorted;
}

bool wanted_targets::is_of(const target_universe& universe,
                           const std::vector<agent_identity>& known,
                           const std::vector<agent_identity>& active) const {
  if (universe_.catalog != universe.catalog || universe_.mesh != universe.mesh) {
    return false;
  }
  return std::ranges::equal(regions_, regions_of(universe, known, active),
                            [](const probing_region& a, const probing_region& b) {
                              return a.name == b.name && a.known == b.known && a.there == b.there;
                            });
}

bool wanted_targets::names_what(const wanted_targets& other) const {
  return universe_.catalog == other.universe_.catalog && universe_.mesh == other.universe_.mesh &&
         std::ranges::equal(regions_, other.regions_, {}, &probing_region::name,
                            &probing_region::name) &&
         std::ranges::equal(groups_, other.groups_, {}, &wanted_group::sources,
                            &wanted_group::sources);
}

std::optional<std::uint32_t> wanted_targets::find_region(std::string_view name) const noexcept {
  const auto at = std::ranges::lower_bound(
      regions_, name, {}, [](const probing_region& r) { return std::string_view{r.name}; });
  if (at == regions_.end() || at->name != name) {
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(at - regions_.begin());
}

// -- groups ---------------------------------------------------------------------------------------

void wanted_targets::add_groups() {
  static const probe_rule every_region;
  std::vector<std::uint32_t> known;
  for (std::uint32_t place = 1; place < regions_.size(); ++place) {
    if (regions_[place].known) {
      known.push_back(place);
    }
  }
  known_ = std::make_shared<const std::vector<std::uint32_t>>(std::move(known));
  if (universe_.catalog) {
    for (const auto& slice : universe_.catalog->slices) {
      add_group(slice.type, slice.region, slice.rule, slice.addresses.size(), false);
    }
  }
  const auto& mesh = universe_.mesh;
  for (auto i = mesh.begin(); i != mesh.end();) {
    const auto end =
        std::find_if(i, mesh.end(), [&](const auto& m) { return m.region != i->region; });
    add_group(mesh_kind(), i->region, every_region, static_cast<std::size_t>(end - i), true);
    i = end;
  }
}

void wanted_targets::add_group(const prober_name& type, std::string_view region,
                               const probe_rule& rule, std::size_t size, bool of_mesh) {
  wanted_group group{type, region, size_, static_cast<std::uint32_t>(size), {}};
  if (rule.source_regions.empty()) {
    const bool own = probed_from(rule, type, region, region);
    group.sources = probing_places{known_, own ? std::nullopt : find_region(region)};
  } else {
    std::vector<std::uint32_t> named;
    for (const auto& name : rule.source_regions) {
      if (const auto place = find_region(name)) {
        named.push_back(*place);
      }
    }
    group.sources = places_of(std::move(named));
  }
  // A member of the mesh is there for the other regions: without any, nobody wants it.
  if (group.sources.empty() && !of_mesh) {
    group.sources = places_of({0});
  }
  size_ += group.size;
  groups_.push_back(std::move(group));
}

std::size_t wanted_targets::group_of(std::uint32_t number) const noexcept {
  const auto behind = std::ranges::upper_bound(groups_, number, {}, &wanted_group::first);
  return static_cast<std::size_t>(behind - groups_.begin()) - 1;
}

std::uint32_t wanted_targets::catalog_size() const noexcept {
  const auto slices = universe_.catalog ? universe_.catalog->slices.size() : 0;
  return slices < groups_.size() ? groups_[slices].first : size_;
}

std::string_view wanted_targets::address(std::size_t group, std::uint32_t index) const {
  const auto& of = groups_[group];
  const auto number = of.first + index;
  if (number >= catalog_size()) {
    return universe_.mesh[number - catalog_size()].local_ip;
  }
  if (!without_user_.empty()) {
    if (const auto stripped = without_user_.find(number); stripped != without_user_.end()) {
      return stripped->second;
    }
  }
  return universe_.catalog->slices[group].addresses[index];
}

// -- names ----------------------------------------------------------------------------------------

void wanted_targets::add_names(const wanted_targets* before) {
  names_.reserve(size_);
  const auto in_catalog = catalog_size();
  const auto slices = universe_.catalog ? universe_.catalog->slices.size() : 0;
  if (before != nullptr && before->universe_.catalog == universe_.catalog) {
    // The same as before, and in order: of a million names hashing and sorting take most of it.
    std::ranges::copy_if(before->names_, std::back_inserter(names_),
                         [&](const named& n) { return n.number < in_catalog; });
    without_user_ = before->without_user_;
  } else {
    for (std::size_t group = 0; group < slices; ++group) {
      name_group(group);
    }
    std::ranges::sort(names_, comes_first_by_hash);
  }
  const auto mesh = static_cast<std::ptrdiff_t>(names_.size());
  for (std::size_t group = slices; group < groups_.size(); ++group) {
    name_group(group);
  }
  std::sort(names_.begin() + mesh, names_.end(), comes_first_by_hash);
  std::inplace_merge(names_.begin(), names_.begin() + mesh, names_.end(), comes_first_by_hash);
}

void wanted_targets::name_group(std::size_t group) {
  const auto& of = groups_[group];
  const bool with_user = may_hold_user(of.type);
  for (std::uint32_t i = 0; i < of.size; ++i) {
    const auto number = of.first + i;
    auto text = address(group, i);
    if (with_user && may_hold_secret(text)) {
      std::string stripped{text};
      if (take_user(of.type, stripped)) {
        text = without_user_[number] = std::move(stripped);
      }
    }
    names_.push_back({stable_hash(of.region, text, of.type.text()), number});
  }
}

void wanted_targets::keep_times(const wanted_targets& before) {
  auto old = before.names_.begin();
  for (const auto& name : names_) {
    while (old != before.names_.end() && old->uid_hash < name.uid_hash) {
      ++old;
    }
    if (old != before.names_.end() && old->uid_hash == name.uid_hash) {
      since_[name.number] = before.since_[old->number];
    }
  }
}

std::span<const wanted_targets::named> wanted_targets::find(std::uint64_t uid_hash) const noexcept {
  const auto found = std::ranges::equal_range(names_, uid_hash, {}, &named::uid_hash);
  return {found.begin(), found.end()};
}

} // namespace xprober
