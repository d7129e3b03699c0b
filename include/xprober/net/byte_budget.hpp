#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include "xprober/domain/port_counters.hpp"
#include "xprober/net/peer_key.hpp"

namespace xprober::net {

/// A message up to this size has room always and is not counted: pages, checks of health and calls
/// go on while large bodies take all that is allowed. What these hold in all is bounded by the
/// number of connections.
inline constexpr std::uint64_t small_message_bytes = 16 * 1024;

/// While memory is short answers up to this size are given all the same: who looks why it is needs
/// `/stats` and `/metrics`.
inline constexpr std::uint64_t plain_answer_bytes = 1024 * 1024;

struct byte_limits {
  std::uint64_t max_bytes = std::uint64_t{256} << 20U;      ///< of all connections
  std::uint64_t max_peer_bytes = std::uint64_t{128} << 20U; ///< of those of one peer
};

/// How many bytes all connections of a process may hold for messages that have not come whole, are
/// being worked on, or wait to be sent. One for all ports, of the thread that runs all sessions.
class byte_budget {
public:
  explicit byte_budget(byte_limits limits) : limits_(limits) {}

  /// True if `more` bytes have room, in all and for the peer.
  bool fits(const peer_key& peer, std::uint64_t more) const;

  /// While the process is short of memory nothing has room.
  void close(bool short_of_memory) noexcept { short_of_memory_ = short_of_memory; }
  bool is_closed() const noexcept { return short_of_memory_; }

  void add(const peer_key& peer, std::uint64_t bytes);
  void remove(const peer_key& peer, std::uint64_t bytes);

  std::uint64_t held() const noexcept { return held_; }
  std::uint64_t held_by(const peer_key& peer) const;

private:
  byte_limits limits_;
  std::uint64_t held_ = 0;
  bool short_of_memory_ = false;
  std::map<peer_key, std::uint64_t> peers_; ///< those that hold something
};

/// What the sessions of one port share.
struct port_account {
  std::shared_ptr<byte_budget> budget{};     ///< null: nothing is limited
  std::shared_ptr<port_counters> counters{}; ///< null: nothing is counted
};

/// What one connection holds of the budget, for as long as this lives.
class byte_charge {
public:
  byte_charge(port_account account, const peer_key& peer)
      : account_(std::move(account)), peer_(peer) {}
  ~byte_charge() { become(0); }
  byte_charge(const byte_charge&) = delete;
  byte_charge& operator=(const byte_charge&) = delete;

  /// The connection holds `bytes` now, for what it reads or works on. False, which is counted,
  /// where there is no room: then it must let go of them, and what was held before still counts.
  bool hold(std::uint64_t bytes);

  /// False, which is counted, where `hold` would have no room for `bytes` now. Takes nothing.
  bool may_hold(std::uint64_t bytes);

  /// `hold` for an answer, which is there already: it has room unless the others hold all that is
  /// allowed, so that one answer may be as large as it is. While memory is short it may have
  /// `plain_answer_bytes`.
  bool hold_answer(std::uint64_t bytes);

  std::uint64_t held() const noexcept { return held_; }

  /// Why there is no room, for people.
  std::string_view reason() const noexcept {
    return account_.budget && account_.budget->is_closed() ? "this process is short of memory"
                                                           : "too much is being received at once";
  }

private:
  static std::uint64_t counted(std::uint64_t bytes);
  void become(std::uint64_t bytes);
  bool refuse();

  port_account account_;
  peer_key peer_;
  std::uint64_t held_ = 0;
};

} // namespace xprober::net
