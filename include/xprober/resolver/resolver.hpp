#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/domain/probe_result.hpp"
#include "xprober/resolver/counters.hpp"

namespace xprober::dns {

struct resolve_answer {
  /// `none`, one of `resolve_*`, `local_no_socket` (this process has no descriptor left to ask
  /// with) or `shutdown`.
  probe_error error = probe_error::none;
  std::string detail; ///< for people, e.g. "db.example: no such name"
  /// Addresses of the preferred family first, then the others, each in the server's order.
  std::vector<boost::asio::ip::address> addresses;
  /// What the query took, without the wait for its turn. An answer from the cache carries the
  /// time of the query it came from.
  std::chrono::nanoseconds took{0};
  std::chrono::nanoseconds waited{0}; ///< for its turn, before that
  bool cached = false;                ///< from the cache
};

using resolver_options = resolver_config;

/// Resolves names with c-ares (hosts file, then DNS as resolv.conf says, read again when it has
/// changed) on one executor. Not thread-safe: call it, and be called, on that executor only.
/// Numeric addresses (IPv6 also in brackets) are answered without a query. Queries for one name
/// that run at the same time are one query. Answers are kept for their TTL, those that there is no
/// such name or address for that of RFC 2308; failures of servers are not. Once the preferred
/// family has answered, the other one is waited for only 50 ms longer (RFC 8305, section 3), so
/// servers that drop AAAA cost no timeout.
///
/// `max_in_flight` names are asked for at a time, in the order that `turns` gives them: names that
/// no server answers do not keep others waiting.
class resolver {
public:
  using handler = std::function<void(const resolve_answer&)>;

  struct waiter;

  /// Somebody's wait for an answer. Its end is the end of the wait: the handler is not called any
  /// more, and a name that nobody waits for is not asked for. May outlive the resolver.
  class [[nodiscard]] ticket {
  public:
    ticket() = default;
    explicit ticket(std::shared_ptr<waiter> of) noexcept : waiter_(std::move(of)) {}
    ~ticket() { cancel(); }
    ticket(ticket&&) noexcept = default;
    ticket& operator=(ticket&& other) noexcept;

    void cancel() noexcept;

    /// How long it has waited for its turn.
    std::chrono::nanoseconds waited(monotonic_time now) const;

    /// What to tell where the wait is given up without an answer and the servers are not to be
    /// blamed: for most of the time they were not even asked. Else empty.
    std::string own_fault(monotonic_time now) const;

  private:
    std::shared_ptr<waiter> waiter_;
  };

  explicit resolver(boost::asio::any_io_executor executor, resolver_options options = {});
  ~resolver();
  resolver(const resolver&) = delete;
  resolver& operator=(const resolver&) = delete;

  /// Calls `done` exactly once, later (never from inside this call) on the executor, unless the
  /// ticket has ended before.
  ticket resolve(const std::string& host, ip_family preferred, handler done);

  /// Takes other options for the names that are asked for from now on, and forgets all answers.
  void reconfigure(resolver_options options);

  dns_counters counters() const;

  /// Answers what is outstanding with `probe_error::shutdown`.
  void stop();

private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

} // namespace xprober::dns
