#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "xprober/domain/config.hpp"
#include "xprober/domain/probe_result.hpp"
#include "xprober/resolver/resolver.hpp"

namespace xprober::icmp {

/// What a resolve hook answers.
struct resolved_host {
  probe_error error = probe_error::none; ///< none or one of `resolve_*`
  std::string detail;                    ///< for people, on an error
  std::vector<std::string> addresses;    ///< numeric, best first
  bool cached = false;                   ///< known from an earlier query
  nanoseconds waited{0};                 ///< before it was asked for
};

/// Resolves a host name. Called on the engine's thread; calls `done` exactly once, on any thread,
/// before the engine's end.
using resolve_hook = std::function<void(const std::string& host, ip_family preferred,
                                        std::function<void(resolved_host)> done)>;

/// How an engine resolves names: by its own resolver, which is made when the first name comes, or
/// by a hook.
class host_lookup {
public:
  host_lookup(boost::asio::io_context& io, resolve_hook hook) : io_(io), hook_(std::move(hook)) {}

  /// How from now on.
  void take(const resolver_config& config);

  /// Calls `done` exactly once and later, unless the ticket has ended before. A hook calls it on
  /// whatever thread it likes.
  dns::resolver::ticket resolve(const std::string& host, ip_family preferred,
                                std::function<void(resolved_host)> done);

  dns_counters counters() const { return own_ ? own_->counters() : dns_counters{}; }

  /// Answers what is outstanding.
  void stop();

private:
  boost::asio::io_context& io_;
  resolve_hook hook_;
  resolver_config config_;
  std::unique_ptr<dns::resolver> own_;
};

} // namespace xprober::icmp
