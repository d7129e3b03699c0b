#pragma once

#include <cstdint>
#include <optional>
#include <ostream>

#include "simnet/ledger.hpp"
#include "simnet/packet.hpp"
#include "simnet/rules.hpp"
#include "simnet/schedule.hpp"

namespace simnet {

/// The simulated network without its device: takes packets and times, and says which packets are
/// to be written when.
class world {
public:
  explicit world(config how) : config_(std::move(how)), ledger_(config_) {}
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  /// A packet that came in at `now`.
  void receive(byte_view packet, time_point now);

  /// When the next packet is to be written; nothing if none waits.
  std::optional<time_point> next_due() const noexcept { return waiting_.next_due(); }

  /// The packet that is to be written next; there has to be one.
  const bytes& front() noexcept { return waiting_.front().packet; }

  /// The packet in front was given to the device at `at`, which took it or refused it.
  void front_written(time_point at, bool taken);

  /// See ledger::write.
  void write_log(std::ostream& out) const { ledger_.write(out); }

  std::size_t addresses() const noexcept { return ledger_.size(); }
  std::uint64_t requests() const noexcept { return requests_; }
  std::uint64_t written() const noexcept { return written_; }
  std::uint64_t ignored() const noexcept { return ignored_; } ///< packets that are no echo request

private:
  struct outgoing {
    bytes packet;
    account* whose = nullptr;
    fate kind = fate::answered;
    bool copy = false;
    std::uint64_t number = 0; ///< of the request among its address's, from 1
    time_point asked;
  };

  fate decide(account& a) const noexcept;
  /// Puts a packet without content on the schedule.
  outgoing& plan(account& a, fate kind, time_point now, nanoseconds delay);
  void answer(account& a, const echo_request& request, time_point now, nanoseconds delay);
  void spoil(account& a, fate kind, bytes& reply) const;

  config config_;
  ledger ledger_;
  schedule<outgoing> waiting_;
  std::uint64_t requests_ = 0;
  std::uint64_t written_ = 0;
  std::uint64_t ignored_ = 0;
};

} // namespace simnet
