#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "xprober/bridge/error.hpp"
#include "xprober/rpc/caller.hpp"

namespace xprober::rpc {

/// The calls of one client: those that wait to be sent, in their order, and those that were sent
/// and have no answer, by sequence number. Every call is completed once. Pure, but for the
/// completions that it calls.
class call_queue {
public:
  using clock = std::chrono::steady_clock;

  explicit call_queue(std::size_t limit) : limit_(limit) {}

  /// Takes a call over. When too many are outstanding it fails at once.
  void add(call_request request, call_completion done, clock::time_point deadline);

  bool waiting() const noexcept { return !waiting_.empty(); }
  bool sent() const noexcept { return !sent_.empty(); }

  /// A call on its way out. The request stays valid until the call is completed.
  struct outgoing {
    std::uint32_t seq;
    const call_request* request;
  };
  /// The next call to send, which counts as sent now.
  std::optional<outgoing> take();

  /// The request that was sent with this number; null if there is none.
  const call_request* find(std::uint64_t seq) const;

  /// Completes a call that was sent.
  void finish(std::uint64_t seq, call_result result);

  /// The connection ended: completes what was sent.
  void fail_sent(bridge::ec code, const std::string& text);
  /// Nothing can be sent: completes what waits.
  void fail_waiting(bridge::ec code, const std::string& text);

  /// Completes what is over its time. True if any of it had been sent.
  bool expire(clock::time_point now, const std::string& sent_text, const std::string& waiting_text);

  /// When the first call is over its time.
  std::optional<clock::time_point> next_deadline() const;

private:
  struct entry {
    call_request request;
    call_completion done;
    clock::time_point deadline;
  };

  std::size_t limit_;
  std::deque<entry> waiting_;
  std::map<std::uint32_t, entry> sent_;
  std::uint32_t next_seq_ = 0; ///< a Go client begins with 0 too
};

} // namespace xprober::rpc
