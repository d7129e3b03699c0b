#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>

#include "xprober/domain/config.hpp"
#include "xprober/domain/probe_result.hpp"

namespace xprober::dns {

struct resolve_answer {
  probe_error error = probe_error::none; ///< none or one of `resolve_*`
  std::string detail;                    ///< for people, e.g. "db.example: no such name"
  /// Addresses of the preferred family first, then the others, each in the server's order.
  std::vector<boost::asio::ip::address> addresses;
  std::chrono::nanoseconds took{0};
};

struct resolver_options {
  std::chrono::milliseconds timeout{5000}; ///< of one query over all servers and tries
};

/// Resolves names with c-ares (hosts file, then DNS as resolv.conf says) on one executor. Not
/// thread-safe: call it, and be called, on that executor only. Numeric addresses (IPv6 also in
/// brackets) are answered without a query. Queries for one name that run at the same time are one query.
class resolver {
public:
  using handler = std::function<void(const resolve_answer&)>;

  explicit resolver(boost::asio::any_io_executor executor, resolver_options options = {});
  ~resolver();
  resolver(const resolver&) = delete;
  resolver& operator=(const resolver&) = delete;

  /// Calls `done` exactly once, later (never from inside this call) on the executor.
  void resolve(std::string host, ip_family preferred, handler done);

  /// Answers what is outstanding with `probe_error::shutdown`.
  void stop();

private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

} // namespace xprober::dns
