#include "xprober/actors/server/certificate_sightings.hpp"

#include <map>
#include <string_view>
#include <utility>

namespace xprober {

namespace {

using named_ends = std::map<std::pair<std::string_view, std::int64_t>, const certificate_row*>;

named_ends name_ends(const chain_page& chains) {
  named_ends named;
  for (const auto& row : chains.certificates) {
    for (const auto& target : row.shown) {
      named.emplace(std::pair{std::string_view{target.uid.address}, row.end_unix()}, &row);
    }
  }
  return named;
}

} // namespace

std::vector<certificate_sighting> certificate_sightings(const std::vector<seen_certificate>& seen,
                                                        const chain_page* chains,
                                                        const target_labels* labels) {
  const auto named = chains != nullptr ? name_ends(*chains) : named_ends{};
  std::vector<certificate_sighting> sightings;
  sightings.reserve(seen.size());
  for (const auto& one : seen) {
    certificate_sighting sighting;
    sighting.target = one.target.address;
    sighting.probe_type = one.kind;
    sighting.fingerprint = std::to_string(one.not_after_unix);
    sighting.not_after = wall_time{std::chrono::seconds{one.not_after_unix}};
    sighting.labels.emplace_back("region", one.target.region);
    if (const auto* own = labels != nullptr ? labels->find(one.target) : nullptr) {
      sighting.labels.insert(sighting.labels.end(), own->begin(), own->end());
    }
    const auto found = named.find({one.target.address, one.not_after_unix});
    if (found != named.end()) {
      const auto& row = *found->second;
      sighting.subject = row.chain[row.first].subject;
      sighting.own = row.first == 0;
    }
    sightings.push_back(std::move(sighting));
  }
  return sightings;
}

} // namespace xprober
