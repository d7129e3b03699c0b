#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/domain/hash_set.hpp"
#include "xprober/domain/targets/target_compose.hpp"

namespace xprober {

/// Which targets agents of a region were given, now or not long ago: some 16 to 32 bytes for each
/// target and rule. Which of the targets that agents share one of them was given is for
/// `crew_memory` to say.
class given_targets {
public:
  enum class kept_by : std::uint8_t {
    nobody,
    one_agent,  ///< agents of the region share it
    all_agents, ///< of the region
  };

  /// The targets that there are from now on. Cheap where only the mesh has changed.
  void enter(const target_universe& universe);
  /// False: nothing was given to anybody, as far as is known.
  bool known() const noexcept { return entered_; }

  /// Targets that were not given since the last call but one go.
  void rotate();

  /// Which agents of `source_region` were given it.
  kept_by find(std::string_view source_region, std::string_view type, std::string_view region,
               std::string_view address);
  /// Whether any of them was.
  bool has(std::string_view source_region, std::string_view type, std::string_view region,
           std::string_view address) {
    return find(source_region, type, region, address) != kept_by::nobody;
  }

  std::size_t size() const noexcept { return fresh_.size(); }

private:
  struct group {
    prober_name type;
    std::vector<std::uint32_t> rules; ///< numbers, each once
  };
  using group_key = std::pair<std::string, std::string>; ///< type, region

  std::uint32_t rule_of(const prober_name& type, const std::string& region, const probe_rule& rule);
  void add(const target_slice& slice);
  void add_mesh(const std::vector<agent_identity>& mesh);
  void find_rules(std::string_view source_region, std::string_view type, std::string_view region);
  kept_by find_hash(std::uint64_t target) const;

  hash_set fresh_; ///< of target and rule
  hash_set earlier_;
  std::vector<probe_rule> rules_; ///< by their numbers, never taken back
  std::map<probe_rule, std::uint32_t> numbers_;
  std::map<group_key, group> groups_;
  target_universe now_;
  bool entered_ = false;
  /// What was asked last: neighbours in a batch are mostly of one region and type.
  std::string source_;
  group_key last_;
  std::vector<std::uint32_t> allowed_;
};

} // namespace xprober
