#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "xprober/probes/icmp/drop_watch.hpp"
#include "xprober/probes/icmp/echo_socket.hpp"
#include "xprober/probes/icmp/echo_tag.hpp"
#include "xprober/probes/icmp/outlet_pace.hpp"
#include "xprober/probes/icmp/probe_way.hpp"

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
  const queued_echo& front() const noexcept { return items_[head_]; }
  void push(queued_echo item);
  queued_echo pop() noexcept { return items_[head_++]; }
  /// Puts back [first, last), in this order, before everything else.
  void put_back(const queued_echo* first, const queued_echo* last);

private:
  std::vector<queued_echo> items_;
  std::size_t head_ = 0;
};

/// What is known of whether outlets tell when packets leave. Not all kernels do: for IPv6 datagram
/// sockets before Linux 5.18, or with net.core.tstamp_allow_data=0 and without CAP_NET_RAW, none
/// ever comes.
enum class leaving_stamps : std::uint8_t {
  untried, ///< none has come yet
  come,    ///< one has: an echo without one has not left
  missing, ///< an echo was answered that had none
};

/// One socket within the engine: what waits to be sent through it, and what of it is being waited
/// for.
///
/// The kernel keeps a packet whose neighbour it does not know yet for three seconds, in the send
/// buffer of its socket. Echoes that may have to wait so leave by sockets of their own, the main
/// one's outlets, whose buffers are large; an outlet tells which of them have left. Where the
/// kernel allows no large buffers there are several.
struct endpoint {
  endpoint(boost::asio::io_context& io, echo_socket opened);
  ~endpoint();
  endpoint(const endpoint&) = delete;
  endpoint& operator=(const endpoint&) = delete;

  /// Notes the echo that has a sequence number now: for ICMP errors that quote no more than it.
  void remember(std::uint16_t sequence, const echo_tag& tag);
  std::optional<echo_tag> last_with(std::uint16_t sequence) const;

  /// Where an echo is queued to a target of which so much is known.
  endpoint& out(probe_way way) noexcept;
  bool is_outlet() const noexcept { return main != this; }
  /// Of a main one: true if an echo that an outlet has sent and not told of may still wait for its
  /// neighbour.
  bool may_wait() const noexcept;
  /// Of a main one: calls `visit` for each of its outlets.
  template <class F>
  void each_outlet(F&& visit) const {
    for (const auto& first : outlets) {
      for (endpoint* outlet = first.get(); outlet != nullptr; outlet = outlet->next.get()) {
        visit(*outlet);
      }
    }
  }
  /// The one whose socket gets the replies to what this one sends, and whose numbers that has.
  endpoint& replies() noexcept { return socket.is_raw() ? *main : *this; }
  /// True if nothing but the leaving of packets is ever read from its socket.
  bool only_sends() const noexcept { return is_outlet() && socket.is_raw(); }

  /// Queues here what waits at another one.
  void take_queue(endpoint& other);

  /// Begins to watch the socket, if it is not watched yet.
  void watch();
  /// Watches it no more, unless room for sending is being waited for. A wait for readability ends.
  void unwatch();

  /// Ends all waiting.
  void cancel();

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
  int send_error = 0;                              ///< errno of the last send that failed
  /// ICMP errors taken from its socket, of whosever echoes, that may be what failed that send.
  std::uint64_t send_errors_told = 0;
  /// When an outlet last had to wait for room for a neighbour.
  monotonic_time lacked_neighbours = monotonic_time::min();

  endpoint* main = this; ///< null once that is closed
  /// Of a main one: for targets of which nothing is known, and for those that were silent; null
  /// where there are none.
  std::array<std::shared_ptr<endpoint>, 2> outlets;
  std::shared_ptr<endpoint> next; ///< of an outlet: another one for when it is full
  bool for_silent = false;        ///< an outlet for targets that were silent
  outlet_pace pace;
  std::size_t left = 0;                            ///< of an outlet: messages that have left
  monotonic_time used_at{};                        ///< of an outlet: when it last sent
  leaving_stamps stamps = leaving_stamps::untried; ///< of a main one: of its outlets
  echo_socket_options how;                         ///< of an outlet: what it was opened with
  /// Its buffer is full of packets that do not move: what comes goes by the outlets.
  bool stuck = false;
  std::uint32_t buffered = 0; ///< bytes in its send buffer when it was last looked at, blocked

private:
  std::vector<echo_tag> by_sequence_; ///< grows as numbers are used: up to 786 KB
  drop_watch drops_;
};

} // namespace xprober::icmp
