#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <sys/socket.h>
#include <sys/uio.h>

#include "xprober/domain/clock.hpp"
#include "xprober/probes/icmp/host_address.hpp"
#include "xprober/probes/icmp/packet.hpp"

namespace xprober::icmp {

/// Echoes that leave with one sendmmsg. Each is a head of its own and a filler that all echoes of
/// one size have: a place in the batch keeps the filler it had last, because a second part of a
/// message costs the kernel more than 1 % of an echo.
class send_batch {
public:
  explicit send_batch(std::size_t capacity);

  std::size_t size() const noexcept { return size_; }
  bool full() const noexcept { return size_ == messages_.size(); }
  void clear() noexcept { size_ = 0; }

  /// Adds a message to `destination`; the caller writes its head. A filler at the same place must
  /// have the same bytes. Not to be called on a full batch.
  std::span<std::uint8_t, echo_head_size> add(const host_address& destination,
                                              std::span<const std::uint8_t> filler) noexcept;

  mmsghdr* messages() noexcept { return messages_.data(); }

private:
  struct place {
    std::vector<std::uint8_t> bytes;      ///< head and filler
    const std::uint8_t* filler = nullptr; ///< where the filler came from
  };

  std::size_t size_ = 0;
  std::vector<mmsghdr> messages_;
  std::vector<iovec> parts_;
  std::vector<sockaddr_in6> destinations_;
  std::vector<place> places_;
};

/// What one message of a receive_batch holds.
struct received_packet {
  std::span<const std::uint8_t> bytes; ///< cut to the buffer's size
  nanoseconds stamp{0};                ///< the kernel's, CLOCK_REALTIME; 0: none
  std::uint8_t ttl = 0; ///< TTL or hop limit; 0: not reported, as by raw IPv4 sockets
};

/// Buffers for one recvmmsg.
class receive_batch {
public:
  explicit receive_batch(std::size_t capacity);

  /// Makes room for whole packets with ICMP payloads of up to so many bytes.
  void reserve(std::size_t payload_size);

  std::size_t capacity() const noexcept { return messages_.size(); }
  std::size_t size() const noexcept { return size_; }
  void set_size(std::size_t size) noexcept { size_ = size; }

  /// Makes the buffers ready for the next call. Raw IPv4 sockets need no names: the source is in
  /// the IP header.
  mmsghdr* prepare(bool with_names) noexcept;

  received_packet packet(std::size_t index) noexcept;
  /// The source address the kernel reported; not for raw IPv4 sockets.
  host_address source(std::size_t index) const noexcept;

private:
  /// An IPv4 header with options and an ICMP header: what is before the payload.
  static constexpr std::size_t headers_size = 60 + echo_header_size;
  /// Room for the control messages SCM_TIMESTAMPNS and IP_TTL or IPV6_HOPLIMIT.
  static constexpr std::size_t control_each = 64;

  struct buffer {
    alignas(8) std::uint8_t control[control_each];
    sockaddr_in6 name;
  };

  std::size_t size_ = 0;
  std::vector<mmsghdr> messages_;
  std::vector<iovec> parts_;
  std::vector<buffer> buffers_;
  std::size_t bytes_each_ = 0;
  std::vector<std::uint8_t> bytes_; ///< `bytes_each_` for each message
};

} // namespace xprober::icmp
