#include "xprober/verdict/incident_filter.hpp"

#include <algorithm>
#include <string_view>

#include "xprober/domain/address.hpp"
#include "xprober/domain/string_hash.hpp"
#include "xprober/domain/text_pattern.hpp"

namespace xprober {

namespace {

template <class T>
bool is_among(const std::vector<T>& wanted, const T& value) {
  return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

bool side_fits(const incident_side& side, std::span<const std::uint64_t> keys,
               std::string_view wanted) {
  return wanted.empty() || std::ranges::binary_search(keys, hash_bytes(wanted)) ||
         std::ranges::any_of(side.names,
                             [&](const auto& name) { return fits_pattern(wanted, name); });
}

/// A source is a region or, as "eu-west 10.0.0.1", an agent of one; spaces may be in its name, too.
bool names_region(const incident_side& side, std::string_view region) {
  return std::ranges::any_of(side.names, [&](std::string_view name) {
    if (!name.starts_with(region)) {
      return false;
    }
    const auto rest = name.substr(region.size());
    return rest.empty() || (rest.starts_with(' ') && parse_ip(rest.substr(1)));
  });
}

bool region_fits(const incident& what, std::string_view region) {
  return region.empty() || names_region(what.sources, region) ||
         names_region(what.targets, region) ||
         std::ranges::any_of(what.labels, [&](const incident_label& label) {
           return (label.first == "region" || label.first == "source_region") &&
                  label.second == region;
         });
}

} // namespace

bool incident_filter::fits(const incident& what, std::span<const std::uint64_t> source_keys,
                           std::span<const std::uint64_t> target_keys) const {
  return is_among(kinds, what.kind) && is_among(severities, what.severity) &&
         is_among(probe_types, what.probe_type) && is_among(reasons, what.reason) &&
         std::ranges::all_of(labels,
                             [&](const incident_label& label) {
                               return std::ranges::find(what.labels, label) != what.labels.end();
                             }) &&
         region_fits(what, region) && side_fits(what.sources, source_keys, source) &&
         side_fits(what.targets, target_keys, target);
}

} // namespace xprober
