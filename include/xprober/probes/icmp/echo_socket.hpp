#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/probes/icmp/drop_watch.hpp"
#include "xprober/probes/icmp/fragmenting.hpp"
#include "xprober/probes/icmp/host_address.hpp"

namespace xprober::icmp {

class send_batch;
class receive_batch;

struct echo_socket_options {
  icmp_socket kind = icmp_socket::automatic;
  int ttl = 64;
  int dscp = 0;
  std::optional<host_address> source; ///< bound to, if it is of the socket's family
  fragmenting fragments = fragmenting::where_known;
  int receive_buffer = 0; ///< bytes; 0: the system's default
  int send_buffer = 0;
  /// The error queue also tells which packets have left (`queued_error::left`). Where the kernel
  /// does not know how to, the socket is not opened; some say that they do and never tell.
  bool tells_leaving = false;
  /// Of a raw socket that only sends: the identifier of the one that gets its replies. 0: none.
  std::uint16_t replies_to = 0;
};

/// What a socket's error queue tells of a packet: an ICMP error, or that it has left.
struct queued_error {
  host_address destination; ///< of the packet that caused it
  host_address offender;    ///< who reported it
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  int number = 0;        ///< errno that the socket has of it: the next send may fail with it
  std::uint32_t mtu = 0; ///< of a packet that was too big: what the next link carries; 0: not said
  bool is_icmp = false; ///< else an error of this machine's own, e.g. a packet above the path's MTU
  std::span<const std::uint8_t> quoted; ///< the packet as quoted, from its ICMP header on
  /// The packet was given to the network device at `stamp`; `quoted` begins with whatever header
  /// the device has.
  bool left = false;
  nanoseconds stamp{0}; ///< CLOCK_REALTIME; 0: none
};

/// One ICMP socket for one address family and any number of targets, non-blocking. Opens a raw
/// socket where that is allowed, else a datagram ("ping") socket. Knows nothing of probes.
class echo_socket {
public:
  echo_socket() = default;
  ~echo_socket();
  echo_socket(echo_socket&& other) noexcept;
  echo_socket& operator=(echo_socket&& other) noexcept;

  /// Opens and sets up a socket. On failure the result is not open, and `problem` says what was
  /// tried, what the kernel answered and how to mend it.
  static echo_socket open(ip_family family, const echo_socket_options& options,
                          std::string& problem);

  bool is_open() const noexcept { return fd_ >= 0; }
  bool is_raw() const noexcept { return raw_; }
  ip_family family() const noexcept { return family_; }
  /// The identifier in our echoes, host byte order. The kernel chooses it for datagram sockets.
  std::uint16_t id() const noexcept { return id_; }
  int fd() const noexcept { return fd_; }

  struct send_result {
    std::size_t sent = 0; ///< of the batch, from its beginning
    int error = 0;        ///< errno that stopped it at message `sent`; 0 if none is known
  };
  /// Sends the messages of `batch` from `from` on with one system call.
  send_result send(send_batch& batch, std::size_t from) const noexcept;

  /// Receives what is there, up to the batch's size, with one system call. True if an error was
  /// reported instead: the error queue has something.
  bool receive(receive_batch& batch) const noexcept;

  /// Takes one error from the error queue, the quotation into `buffer`; nothing if it is empty.
  std::optional<queued_error> take_error(std::span<std::uint8_t> buffer) const noexcept;

  /// Bytes in the send buffer now.
  std::uint32_t buffered() const noexcept;

  /// The receive buffer as it is now; all zero if the kernel does not say.
  socket_memory memory() const noexcept;

private:
  bool open_fd(const echo_socket_options& options, std::string& problem);
  bool bind_source(const echo_socket_options& options, std::string& problem);
  void set_options(const echo_socket_options& options) const;
  bool tell_leaving(const echo_socket_options& options, std::string& problem) const;
  void set_filter(bool with_replies) const;

  int fd_ = -1;
  ip_family family_ = ip_family::ip4;
  bool raw_ = false;
  std::uint16_t id_ = 0;
};

} // namespace xprober::icmp
