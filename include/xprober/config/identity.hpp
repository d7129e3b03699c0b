#pragma once

#include <span>
#include <string>
#include <string_view>

#include "xprober/domain/address.hpp"

namespace xprober::config {

/// A text that was found out, or why it was not.
struct found_text {
  std::string value;
  std::string error; ///< what was tried and what to do; empty on success

  bool ok() const noexcept { return error.empty(); }
};

/// An address of one of this machine's network interfaces.
struct interface_address {
  ip_address address;
  bool up = false;
  bool loopback = false;
};

/// The first IPv4 address of an interface that is up and no loopback, or the advice to set
/// `local_ip`.
found_text pick_address(std::span<const interface_address> addresses);

/// The address by which this agent is known, and which others probe: `configured` where it is set
/// (it may be one that no interface has, e.g. behind address translation), else the first of
/// `pick_address` in the kernel's order.
found_text local_address(std::string_view configured);

/// The region of a zone's name: all but its last letter, "us-east-1a" → "us-east-1". A zone is at
/// most 64 letters, digits and hyphens, and ends in a digit and a letter.
found_text region_of_zone(std::string_view zone);

} // namespace xprober::config
