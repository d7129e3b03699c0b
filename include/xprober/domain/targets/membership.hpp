#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/domain/agent_state.hpp"
#include "xprober/domain/clock.hpp"
#include "xprober/domain/targets/known_agent.hpp"
#include "xprober/domain/targets/mesh_gate.hpp"
#include "xprober/domain/wire/agent_report.hpp"
#include "xprober/domain/wire/wire.hpp"

namespace xprober {

/// The usual spelling of an IPv4 or IPv6 address (RFC 5952; an IPv4-mapped address becomes IPv4);
/// nothing for what is not a numeric address, or for one that names no single machine for all
/// agents: unspecified, link-local, multicast, reserved, broadcast. A loopback address is one
/// machine.
std::optional<std::string> canonical_host_address(std::string_view text);

/// Who asks for targets.
struct caller {
  std::string_view peer; ///< its socket address, for people
  /// What is the same in all calls of one process and in none of another: a random text that it
  /// sends along; of those that send none their connection. Empty: it cannot be told.
  std::string_view process;
};

/// One agent that asks for its targets, or did.
struct member {
  agent_identity agent; ///< with its address in the usual spelling
  std::string peer;     ///< its socket address when it last asked, for people
  std::string process;  ///< of `caller`, when it last said one
  wall_time first_seen{};
  wall_time last_seen{};
  monotonic_time renewed{};                   ///< the lease counts from here
  std::optional<std::int64_t> clock_skew_ms;  ///< as last told; positive: its clock is ahead
  std::optional<wall_time> clock_off_since{}; ///< by `bad_clock_ms` and more
  std::string earlier_process;                ///< the one before `process`; empty: none
  std::string earlier_peer;                   ///< where that one asked from last
  std::optional<monotonic_time> clashed;      ///< when two agents last spoke as this one
  agent_state state = agent_state::ok;
  agent_report about{};
  wall_time last_push{};      ///< when its last batch came; the epoch: none has
  monotonic_time heard{};     ///< when it spoke last, be it before the start
  bool restored = false;      ///< it has not spoken since the start
  bool meshed = true;         ///< its address is a target of the others: see `mesh_gate`
  bool retired = false;       ///< as the configuration says, and it asks all the same
  std::uint64_t misdated = 0; ///< results since the start whose time could be none
  std::uint64_t refused = 0;  ///< results since the start that were not taken
  std::optional<monotonic_time> misdated_at{}; ///< when the last of these came
  wall_time misdated_since{};                  ///< when they began, as long as they come
  std::int64_t delivered_unix = 0; ///< its newest result, while it delivers a backlog; 0: never has
  wall_time caught_up{};           ///< when it had delivered one last; the epoch: never
};

/// What has become of an agent.
enum class life_change : std::uint8_t {
  joined,
  lost,       ///< its lease is over and it has not said goodbye
  back,       ///< it was lost
  left,       ///< it has said goodbye
  retired,    ///< by an operator
  forgotten,  ///< it was lost for too long, or its place was needed
  dropped,    ///< it has left long ago, or its place was needed
  still_asks, ///< the configuration says that it is retired, and it asks for targets
};

struct life_event {
  life_change what = life_change::joined;
  known_agent who;
  std::string peer;
};

/// Two agents that say they are the same one.
struct identity_clash {
  agent_identity agent;
  std::string peer;
  std::string other_peer;

  bool operator==(const identity_clash&) const = default;
};

/// The agents that are there, or should be. Members are known by region and address, so two
/// processes of one machine and region are one member; that there are two shows when they take
/// turns, see `clashes`.
///
/// Each keeps its lease by asking again before it is over. One that does not is lost, and stays a
/// member until it is back, is retired, or was lost for too long. One that says goodbye is in the
/// mesh no more, and is listed for a while.
///
/// One that the configuration retires (`mesh_gate::is_retired`) is in the mesh no more. While it
/// asks it is served and listed as before; when its lease is over it is not lost: it goes.
class membership {
public:
  enum class verdict : std::uint8_t {
    joined,          ///< was not a member, or had left
    renewed,         ///< was one, and has a new lease
    refused_region,  ///< the region is empty, too long or no clean text
    refused_address, ///< see `canonical_host_address`
    refused_full,    ///< the limit is met: nobody new
    refused_rate,    ///< too many new ones have come: it may ask again
    // It is listed, and no target of the others; see `mesh_gate`.
    refused_network, ///< its address is in none of the networks
    refused_peer,    ///< its address is not that of its connection
  };

  static constexpr std::size_t default_limit = 100'000;
  static constexpr std::chrono::hours default_forget{24};
  /// One that has left is listed for so long, or as long as one that is lost if that is shorter.
  static constexpr std::chrono::hours left_time{1};

  explicit membership(nanoseconds lease, std::size_t limit = default_limit) noexcept
      : lease_(lease), limit_(limit) {}

  /// Those that were there before a restart. One that was lost or had left still is; the others are
  /// late until they ask. Their leases count from `begin` on.
  void restore(std::span<const known_agent> known, monotonic_time now, wall_time wall);

  /// Agents can ask from now on.
  void begin(monotonic_time now);

  /// An agent asked. `now` never goes back.
  verdict seen(const agent_identity& agent, const caller& who, monotonic_time now, wall_time wall,
               agent_report about = {});

  /// An agent says goodbye; nothing happens where another process has spoken as it since. False:
  /// there is none of that name.
  bool leave(const agent_identity& agent, std::string_view process, monotonic_time now,
             wall_time wall);

  /// Takes an agent out. False: there is none of that name.
  bool retire(const agent_identity& agent);

  /// A batch of an agent came; what its clock is found to be off by. Nothing happens unless it is a
  /// member.
  void note_push(const agent_identity& agent, std::int64_t skew_ms, wall_time wall);

  /// Something was wrong with what an agent has sent. Nothing happens unless it is a member.
  void note_lapse(const agent_identity& agent, std::uint64_t misdated, std::uint64_t refused,
                  monotonic_time now, wall_time wall);

  /// A batch of an agent came whose newest result is of `newest_unix`, and `late`, or the first one
  /// that is not late after such. Nothing happens unless it is a member.
  void note_delivery(const agent_identity& agent, std::int64_t newest_unix, bool late,
                     wall_time wall);

  /// For so long, until now, nobody could be heard: that is nobody's silence.
  void excuse(nanoseconds time, monotonic_time now);

  /// Time has passed: leases end, and who is gone for too long is forgotten.
  void advance(monotonic_time now);

  /// What has become of agents since the last call, in order.
  std::vector<life_event> take_events() { return std::exchange(events_, {}); }
  /// Whether anybody's state or own faults have changed, or somebody has caught up, since the last
  /// call.
  bool take_changed() noexcept { return std::exchange(changed_, false); }

  /// Counts from each member's last renewal, also for those that are here already.
  void set_lease(nanoseconds lease) noexcept { lease_ = lease; }
  nanoseconds lease() const noexcept { return lease_; }
  /// Who may enter, and whose addresses are targets, also of those that are here.
  void set_gate(mesh_gate gate);
  /// How long one that is lost stays a member.
  void set_forget(nanoseconds forget) noexcept { forget_ = forget; }

  /// All that are listed, those that have left among them.
  std::size_t size() const noexcept { return members_.size(); }

  /// Calls since the start that were refused, for whatever reason.
  std::uint64_t refused() const noexcept { return refused_; }

  /// Members of which there are two: an agent that is started anew is another process, and only of
  /// two does the process that was replaced speak again. For a lease after the last time.
  std::vector<identity_clash> clashes(monotonic_time now) const;

  /// All in the mesh whose addresses are targets, the lost ones too, sorted by region, then
  /// address.
  std::vector<agent_identity> identities() const;
  /// All in the mesh that are not lost, in that order.
  std::vector<agent_identity> active() const;
  /// How many have asked since the start and are not lost.
  std::size_t leases() const;
  std::vector<member> list() const;

private:
  struct key {
    std::string region;
    std::string address;
    auto operator<=>(const key&) const = default;
  };
  using members = std::map<key, member>;

  members::iterator find(const agent_identity& agent);
  bool make_room();
  std::optional<verdict> refusal(std::string_view address, std::string_view peer) const;
  void enter(member& m, agent_state state);
  void note(life_change what, const member& m);
  members::iterator remove(members::iterator at, life_change why);
  void renew(member& m, const caller& who, monotonic_time now, wall_time wall);
  bool is_over(const member& m, monotonic_time now) const;
  void look_at(member& m, monotonic_time now);

  members members_;
  mesh_gate gate_;
  nanoseconds lease_;
  nanoseconds forget_{default_forget};
  std::size_t limit_;
  std::uint64_t refused_ = 0;
  std::size_t absent_ = 0; ///< members that are lost or have left
  std::vector<life_event> events_;
  bool changed_ = false;
  bool begun_ = true;
};

/// So long after the last misdated result its agent's clock is said to be off.
inline constexpr std::chrono::minutes misdated_memory{5};

/// What keeps a member from probing well: what it says itself and, where its clock is far from this
/// server's or results of it are misdated, `own_faults::clock_off`.
std::vector<own_fault> faults_of(const member& m, monotonic_time now);

/// What is kept of a member.
known_agent kept_of(const member& m);

/// For log lines: "the region is empty, ...".
std::string_view to_string(membership::verdict verdict) noexcept;

} // namespace xprober
