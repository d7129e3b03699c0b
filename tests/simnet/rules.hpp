#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "simnet/address.hpp"

namespace simnet {

using std::chrono::nanoseconds;

/// A value for every address of a block, spread evenly over [low, high] by the address's hash.
struct spread {
  double low = 0;
  double high = 0;

  double at(double fraction) const noexcept { return low + (high - low) * fraction; }
};

struct duplicate_rule {
  double probability = 0;
  nanoseconds gap{0}; ///< from a reply to its copy
};

struct reorder_rule {
  double probability = 0;
  nanoseconds extra{0}; ///< by which a reply is held back, so that later ones overtake it
};

struct corrupt_rule {
  double probability = 0;
  bool right_checksum = true; ///< it reaches the program; false: only the kernel's checks see it
  std::optional<std::uint32_t> offset; ///< of the payload byte that is changed; none: any, drawn
};

struct wrong_source_rule {
  double probability = 0;
  address from;
};

struct late_rule {
  double probability = 0;
  nanoseconds after{0}; ///< from the request, in the place of the delay
};

/// An ICMP error in the place of a reply.
struct error_rule {
  double probability = 0;
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  address from;
  bool quote_all = true; ///< false: the IP header and 8 bytes, the least that RFC 792 asks for
  std::uint32_t mtu = 0; ///< of "fragmentation needed" and "packet too big"
};

/// How the addresses of a block behave.
struct rule {
  block where;
  spread delay_us;
  nanoseconds jitter{0}; ///< added to the delay of each echo, uniform in [0, jitter]
  spread loss;
  std::uint8_t reply_ttl = 64;
  duplicate_rule duplicate;
  reorder_rule reorder;
  corrupt_rule corrupt;
  wrong_source_rule wrong_source;
  double wrong_id = 0; ///< probability of a reply with another ICMP identifier
  late_rule late;
  error_rule error;
};

/// What the configuration file says. Addresses that no rule matches are silent.
struct config {
  std::uint64_t seed = 1;
  unsigned deck = 100;        ///< see simnet::deck
  std::size_t samples = 1000; ///< turn-around times kept for each address: the latest
  std::vector<rule> rules;

  /// The first rule for the address, null if there is none.
  const rule* find(const address& a) const noexcept;
};

/// Says what is wrong, and where: "rules[2].delay_us: …".
struct config_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Reads a configuration; throws config_error. Its form, where all but `block` can be left out:
///
///     {"seed": 1, "deck": 100, "samples": 1000, "rules": [{
///       "block": "10.1.0.0/16",          first match wins
///       "delay_us": 1000,                or [1000, 300000], spread over the block
///       "jitter_us": 100,
///       "loss": 0.1,                     or [0, 0.3], spread over the block
///       "reply_ttl": 64,
///       "duplicate": {"probability": 0.1, "gap_us": 1000},
///       "reorder": {"probability": 0.1, "extra_us": 20000},
///       "corrupt": {"checksum": "right" or "wrong", "offset": 3},
///       "wrong_source": {"address": "10.9.9.9"},
///       "wrong_id": {},
///       "late": {"after_ms": 1500},
///       "error": {"type": 3, "code": 1, "from": "10.255.0.1", "quote": "full" or "short", "mtu":
///       1400}
///     }]}
///
/// Every event has a `probability`, 1 if it is left out. A request meets the first of loss, error,
/// wrong_source, wrong_id, corrupt and late that its draw gives; duplicate and reorder are of the
/// replies that are left.
config parse_config(const std::string& text);

} // namespace simnet
