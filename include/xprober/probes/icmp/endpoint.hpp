#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "xprober/probes/icmp/drop_watch.hpp"
#include "xprober/probes/icmp/echo_socket.hpp"
#include "xprober/probes/icmp/echo_tag.hpp"

namespace xprober::icmp {

/// A probe that wants its next echo sent.
struct queued_echo {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
};

/// First in, first out; what could not be sent goes back to the front.
class echo_queue {
public:
  bool empty() const noexcept { return head_ == items_.size(); }
  void push(queued_echo item);
  queued_echo pop() noexcept { return items_[head_++]; }
  /// Puts back [first, last), in this order, before everything else.
  void put_back(const queued_echo* first, const queued_echo* last);

private:
  std::vector<queued_echo> items_;
  std::size_t head_ = 0;
};

/// One socket within the engine: what waits to be sent through it, and what of it is being waited
/// for.
struct endpoint {
  endpoint(boost::asio::io_context& io, echo_socket opened);
  ~endpoint();
  endpoint(const endpoint&) = delete;
  endpoint& operator=(const endpoint&) = delete;

  /// Notes the echo that has a sequence number now: for ICMP errors that quote no more than it.
  void remember(std::uint16_t sequence, const echo_tag& tag);
  std::optional<echo_tag> last_with(std::uint16_t sequence) const;

  /// Begins to watch the socket, if it is not watched yet.
  void watch();
  /// Watches it no more, unless room for sending is being waited for. A wait for readability ends.
  void unwatch();

  /// Looks at the receive buffer, before it is read; what was dropped since the last look.
  drop_watch::news note_drops(monotonic_time now) noexcept;

  echo_socket socket;
  /// Waits on the socket, does not own it. Open only while there is something to wait for: a socket
  /// that is watched costs the kernel 4 % more for each packet, whoever is waiting.
  boost::asio::posix::stream_descriptor descriptor;
  boost::asio::steady_timer retry; ///< runs while a device's queue is full: nothing announces room
  echo_queue queue;
  std::uint16_t next_sequence = 0;
  monotonic_time overflow = monotonic_time::min(); ///< when a drop was last noticed
  bool reading = false;                            ///< a wait for readability is outstanding
  bool blocked = false;                            ///< no room for more; something will end it

private:
  std::vector<echo_tag> by_sequence_; ///< grows as numbers are used: up to 786 KB
  drop_watch drops_;
};

} // namespace xprober::icmp
