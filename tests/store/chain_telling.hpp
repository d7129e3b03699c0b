#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "xprober/store/chain_book.hpp"

// What agents tell of certificates.

namespace xprober::chain_telling {

inline const auto everything = [](const agent_identity&, const told_sighting&) { return true; };

/// A fingerprint of nothing.
inline std::string mark(int number) {
  auto digits = std::to_string(number);
  return std::string(64 - digits.size(), '0') + digits;
}

inline chains_request from(const std::string& ip, std::uint64_t sequence) {
  return {"r-" + ip, ip, "process of " + ip, sequence, {}, {}, {}};
}

inline void show(chains_request& said, const std::string& target, std::vector<std::string> chain,
                 std::string verdict = "accepted") {
  said.chains.push_back({std::move(chain)});
  said.sightings.push_back(
      {"tls", "eu", target, static_cast<std::int32_t>(said.chains.size()) - 1, std::move(verdict)});
}

} // namespace xprober::chain_telling
