#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "xprober/probes/icmp/counters.hpp"
#include "xprober/probes/icmp/echo_events.hpp"
#include "xprober/probes/icmp/message_batch.hpp"
#include "xprober/probes/icmp/neighbours.hpp"
#include "xprober/probes/icmp/probe_table.hpp"
#include "xprober/probes/icmp/send_pace.hpp"

namespace xprober::icmp {

/// The sending side: takes what waits in a socket's queue, a batch at a time, and sends it with one
/// system call.
class echo_sender {
public:
  struct services {
    probe_table& probes;
    const tag_signer& signer;
    echo_counters& counters;
    echo_events& events;
    neighbours& nearby;
    /// Takes what is in a socket's error queue: an error of an earlier packet can be reported in
    /// the place of a send's own result.
    std::function<void(endpoint&)> take_errors;
    /// Called when an outlet's buffer is full.
    std::function<void(const std::shared_ptr<endpoint>&)> widen;
    /// Called when a socket that had no room for more has some again.
    std::function<void()> room;
  };

  explicit echo_sender(services use);

  /// Sends one batch. False if nothing waits or the socket has no room.
  bool send_some(const std::shared_ptr<endpoint>& via);

private:
  bool send_by_outlet(const std::shared_ptr<endpoint>& via);
  void stage(endpoint& via, std::size_t most);
  std::size_t send_staged(const std::shared_ptr<endpoint>& via);
  void told_sent(const endpoint& via, std::size_t from, std::size_t count, monotonic_time before,
                 monotonic_time after);
  bool lacks_neighbour(endpoint& via, int error);
  void block(const std::shared_ptr<endpoint>& via, int error, std::size_t from);
  void wait_for_buffer(const std::shared_ptr<endpoint>& via);
  void retry_after(const std::shared_ptr<endpoint>& via, milliseconds delay);
  void look_if_stuck(const std::shared_ptr<endpoint>& via);

  services use_;
  send_pace pace_;
  send_batch batch_;
  std::vector<queued_echo> staged_; ///< the probes of `batch_`
};

/// True for a probe whose first echo has waited for so long that sending it would only take the
/// time of probes that can still be on time.
bool waited_too_long(const probe_slot& slot, monotonic_time now) noexcept;

} // namespace xprober::icmp
