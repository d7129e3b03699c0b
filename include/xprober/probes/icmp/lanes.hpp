#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "xprober/domain/kind_table.hpp"
#include "xprober/probes/icmp/lane.hpp"
#include "xprober/probes/icmp/settings.hpp"

namespace xprober::icmp {

/// What sockets an engine has.
struct socket_status {
  bool available = false; ///< at least one address family can be probed
  bool raw = false;       ///< raw sockets, else datagram ("ping") sockets
  std::string problem;    ///< what is missing and how to mend it; empty if nothing is
};

/// Bytes of a socket's buffers.
struct buffer_sizes {
  int receive = 0;
  int send = 0;
  int waiting = 0; ///< the send buffers of outlets; 0: there are none
};

/// The lanes of all configurations in force, and every socket that a lane still has.
class lanes {
public:
  /// How long a socket that could not be opened is left alone.
  static constexpr std::chrono::seconds reopen_after{5};

  lanes(boost::asio::io_context& io, buffer_sizes buffers) : io_(io), buffers_(buffers) {}

  /// Makes lanes of new settings. Those of the old ones last until their probes have ended.
  void take(const settings& next);

  /// The lane that a target's prober names; null where there is no such module (any more).
  std::shared_ptr<lane> of(const prober_name& prober) const;

  /// A lane for one probe that somebody asks for.
  std::shared_ptr<lane> own_lane(lane& base, const probe_request& request);

  /// Tries to open the sockets that a lane lacks, unless that was tried just now.
  void open_missing(lane& l);

  /// Gives what waits at an outlet whose buffer is full to one that has room, which is opened if
  /// need be; false if there is none and may not be.
  bool widen(endpoint& full);

  /// Closes the sockets that no lane has any more.
  void drop_unused();

  /// Closes outlets that were opened for more than one could hold and have long been idle.
  void close_idle(monotonic_time now);
  /// After so long nothing is waited for that an outlet has sent: neither its leaving nor, at a
  /// datagram socket, its reply.
  static constexpr std::chrono::seconds idle_after{60};

  /// Forgets all lanes and closes the sockets.
  void clear();

  const std::vector<std::shared_ptr<endpoint>>& endpoints() const noexcept { return endpoints_; }
  socket_status status() const;
  /// The most payload bytes of an echo so far.
  std::uint32_t largest_echo() const noexcept { return largest_; }

private:
  void open_outlets(endpoint& main, echo_socket_options options);
  std::shared_ptr<endpoint> open_outlet(endpoint& main, const echo_socket_options& options);
  std::shared_ptr<lane> make(const icmp_config& config, nanoseconds share_period);

  boost::asio::io_context& io_;
  buffer_sizes buffers_;
  std::uint32_t largest_ = 0;
  const prober_name own_name_{kinds::icmp()};
  std::shared_ptr<lane> own_; ///< of targets without a module
  std::map<std::string, std::shared_ptr<lane>, std::less<>> modules_;
  std::vector<std::shared_ptr<endpoint>> endpoints_;
};

} // namespace xprober::icmp
