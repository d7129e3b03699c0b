#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/sent_chain.hpp"
#include "xprober/domain/target.hpp"
#include "xprober/domain/wire/chains.hpp"
#include "xprober/domain/wire/wire.hpp"
#include "xprober/store/chain_page.hpp"

namespace xprober {

/// Bounds of a chain_book.
struct chain_limits {
  std::size_t certificates = 30'000; ///< some 1 KiB each
  std::size_t sightings = 500'000;   ///< targets of agents; 24 bytes each, and once for a target
  std::size_t agents = 10'000;
};

/// What an agent has told counts so long without a word of it; agents that have nothing to tell say
/// so twenty times meanwhile. One that is lost sees nothing, and what others see may be another
/// one.
inline constexpr std::chrono::minutes chain_memory{10};

/// Which certificates the targets show, as agents tell it: what the actor `chains` keeps.
///
/// A certificate is known by SHA-256 over the bytes that an agent has sent, which is computed here:
/// no agent can say anything of a certificate that others see, or put one in its place. What an
/// agent says of its targets counts for that agent alone.
///
/// Where a table is full, each holder (`chains_request::holder`) has an equal share of it, and each
/// agent an equal part of its holder's: who has less than that takes from the agent who is farthest
/// above its own what that one has above it. Were all taken, it would tell all anew and take it
/// back, and so on. So it helps nobody to speak as many agents. What has no place is counted, and
/// agents are to tell it again once a tenth of the tables is free.
class chain_book {
public:
  /// Whether a target is one that the agent was given.
  using admission = std::function<bool(const agent_identity&, const told_sighting&)>;

  explicit chain_book(chain_limits limits = {}) : limits_(limits) {}
  chain_book(const chain_book&) = delete;
  chain_book& operator=(const chain_book&) = delete;
  chain_book(chain_book&&) = default;
  chain_book& operator=(chain_book&&) = default;
  ~chain_book() = default;

  /// What one agent tells. The request's numbers are in bounds.
  chains_response take(const chains_request& said, const admission& admits,
                       monotonic_time now = {});

  /// Drops what agents have told that were not heard for `chain_memory`.
  void drop_silent(monotonic_time now);

  /// Drops what would not be admitted any more.
  void recheck(const admission& admits);

  /// The targets that there are have changed: agents of whom something was not admitted are to tell
  /// it again.
  void reconsider();

  /// Costs by what it answers, and after a change once by all that is told.
  chain_page find(const chain_query& query);

  chain_counts counts() const;

private:
  using number = std::uint32_t;

  struct certificate {
    sent_certificate facts; ///< the fingerprint alone until it was sent
    bool known = false;
    std::uint32_t chains = 0; ///< that have it; 0: the place is free
  };
  struct chain {
    std::vector<number> certificates;
    std::uint32_t sightings = 0; ///< 0: the place is free
  };
  struct target {
    target_uid uid;
    std::uint32_t sightings = 0;
    std::uint32_t place = 0; ///< behind its sightings in the index, when that was made last
  };
  struct sighting {
    number chain = 0;
    std::uint8_t verdict = 0; ///< number in `told_verdicts`
  };
  using holder = std::pair<const std::string, std::size_t>; ///< with its agents
  struct agent {
    std::string process;
    holder* by = nullptr;
    monotonic_time heard{};
    bool refused = false;   ///< something of it was not admitted
    bool lacking = false;   ///< something of it had no place
    std::uint64_t next = 0; ///< the sequence that comes now; 0: all is to be told anew
    std::unordered_map<std::uint64_t, sighting> sightings;  ///< by the target's stable hash
    std::unordered_map<number, std::uint32_t> certificates; ///< with how many sightings have each
  };
  using agent_key = std::pair<std::string, std::string>; ///< region, address
  class index; ///< what questions ask for, see chain_page.cpp
  class pager; ///< answers one question

  /// Null where there is no place for it.
  agent* agent_of(const agent_key& key, const chains_request& said);
  bool begin(agent& who, const chains_request& said);
  bool has_place(const std::string& name);
  void give(agent& who, const std::string& name);
  void take_back(agent& who);
  std::map<agent_key, agent>::iterator drop(std::map<agent_key, agent>::iterator at);
  std::size_t share_of(const agent& who, std::size_t limit) const noexcept;
  void learn(const std::vector<std::string>& certificates);
  void see(agent& who, const told_sighting& told, const chains_request& said);
  void forget(agent& who, std::uint64_t target);
  void forget_all(agent& who);
  bool make_room(const agent& who, const std::vector<std::string>& fingerprints);
  /// Takes what the agent whose `size` is farthest above its share has above it, where `who` has
  /// less than its own.
  bool take_share(const agent& who, std::size_t limit, std::size_t (*size)(const agent&));
  number chain_of(const std::vector<std::string>& fingerprints);
  void release(number chain);
  number certificate_of(const std::string& fingerprint);
  bool has_much_room() const noexcept;
  std::size_t certificates_now() const noexcept { return by_fingerprint_.size(); }

  chain_limits limits_;
  std::vector<certificate> certificates_;
  std::vector<number> free_certificates_;
  std::unordered_map<std::string, number> by_fingerprint_;
  std::vector<chain> chains_;
  std::vector<number> free_chains_;
  std::map<std::vector<number>, number> by_certificates_;
  std::unordered_map<std::uint64_t, target> targets_;
  std::map<agent_key, agent> agents_;
  std::map<std::string, std::size_t> holders_; ///< of agents that are there
  std::shared_ptr<const index> index_;         ///< null: something has changed since it was made
  std::size_t sightings_ = 0;
  std::uint64_t left_out_ = 0;
  std::uint64_t refused_ = 0;
};

} // namespace xprober
