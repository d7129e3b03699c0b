#include "xprober/verdict/certificate_groups.hpp"

#include <algorithm>
#include <tuple>

#include "xprober/domain/string_hash.hpp"

namespace xprober {

namespace {

using named_certificate = std::tuple<std::string_view, std::string_view, bool>;

/// Nothing for one of which only the end is known.
std::optional<named_certificate> name_of(const certificate_sighting& seen) {
  if (seen.subject.empty()) {
    return std::nullopt;
  }
  return named_certificate{seen.fingerprint, seen.subject, seen.own};
}

} // namespace

certificate_groups::certificate_groups(std::span<const certificate_sighting> seen, wall_time now)
    : now_(now) {
  for (const auto& one : seen) {
    known_.insert(hash_bytes(one.target));
    if (certificate_severity(one.not_after - now)) {
      free_.insert_or_assign(certificate_key(one.target, one.fingerprint), &one);
    }
  }
}

void certificate_groups::claim(std::uint64_t incident, const incident_track& track) {
  for (const auto key : track.targets) {
    if (const auto found = free_.find(key); found != free_.end()) {
      claimed_[incident].push_back(found->second);
      free_.erase(found);
    }
  }
}

void certificate_groups::join() {
  std::map<named_certificate, members*> owners;
  for (auto& [incident, all] : claimed_) {
    for (const auto* one : all) {
      if (const auto name = name_of(*one)) {
        owners.emplace(*name, &all);
      }
    }
  }
  std::erase_if(free_, [&](const auto& one) {
    const auto name = name_of(*one.second);
    const auto owner = name ? owners.find(*name) : owners.end();
    if (owner == owners.end()) {
      return false;
    }
    owner->second->push_back(one.second);
    return true;
  });
}

bool certificate_groups::is_silent(const std::string& target, const is_wanted& wanted) const {
  return !known_.contains(hash_bytes(target)) && wanted(target);
}

std::optional<finding> certificate_groups::of(std::uint64_t incident, const incident_track& track,
                                              const is_wanted& wanted) const {
  const auto found = claimed_.find(incident);
  if (found == claimed_.end()) {
    return std::nullopt;
  }
  std::vector<std::string> silent;
  for (const auto& target : track.what.targets.names) {
    if (is_silent(target, wanted)) {
      silent.push_back(target);
    }
  }
  return certificate_finding(found->second, silent, now_);
}

bool certificate_groups::is_over(const incident_track& track, const is_wanted& wanted) const {
  return std::ranges::none_of(track.what.targets.names,
                              [&](const std::string& target) { return is_silent(target, wanted); });
}

std::vector<finding> certificate_groups::others() const {
  std::map<named_certificate, members> named;
  std::vector<finding> made;
  const auto add = [&](const members& of) {
    if (auto found = certificate_finding(of, {}, now_)) {
      made.push_back(std::move(*found));
    }
  };
  for (const auto& [key, one] : free_) {
    if (const auto name = name_of(*one)) {
      named[*name].push_back(one);
    } else {
      add({one});
    }
  }
  for (const auto& [name, all] : named) {
    add(all);
  }
  return made;
}

} // namespace xprober
