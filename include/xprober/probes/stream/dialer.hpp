#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "xprober/domain/config.hpp"
#include "xprober/domain/target_limits.hpp"
#include "xprober/probes/stream/connection.hpp"
#include "xprober/probes/stream/probe_time.hpp"
#include "xprober/probes/stream/services.hpp"

namespace xprober::stream {

/// Why there is no connection; `error` is none where there is one.
struct dial_fault {
  probe_error error = probe_error::none;
  std::string detail{}; ///< what was tried and what came of it, without whom it was for

  bool is_none() const noexcept { return error == probe_error::none; }
};

/// Nobody answered in the time for an address.
struct silence {
  std::string kept_back; ///< why nothing that was sent can have left (`neighbour_watch`), or empty

  probe_error fault() const noexcept;
  std::string text() const;
};

/// Who named the host that is to be talked to.
enum class named_by : std::uint8_t {
  target,        ///< it is the target's, and gets what is secret
  answer,        ///< a redirect named it
  configuration, ///< the operator of this agent did: a proxy, a name server. It has no limits
};

/// What came of the addresses of a host while none of them could be connected to. Of several the
/// heaviest is told: what was lacking here before what a peer did, as the address that could not be
/// tried might have been the one that works; last of all that there is no way to it.
class failed_addresses {
public:
  /// To what an answer names there has to be a way: that there is none from here is no fault of
  /// this machine then.
  explicit failed_addresses(named_by whom = named_by::target) noexcept : whom_(whom) {}

  /// `error` as connect(2) gives it, whatever the protocol; `too_late` where the time for this
  /// address was over instead. Counts what was lacking here.
  void add(const error_code& error, const endpoint& to, const std::optional<silence>& too_late,
           stream_counters& counters);

  /// Of the heaviest: the fault, and the numeric address.
  probe_error fault() const noexcept { return fault_; }
  const std::string& address() const noexcept { return address_; }
  /// Of the first eight: "connect to 192.0.2.1:80: Connection refused; to [2001:db8::1]:80: no
  /// answer in time", and of how many of `of` addresses where there are more.
  std::string detail(std::size_t of) const;

private:
  named_by whom_;
  probe_error fault_ = probe_error::connect_failed;
  std::string address_;
  std::string detail_;
  std::size_t tried_ = 0;
  int weight_ = 0;
};

/// Which addresses of a name may be used.
struct family_wish {
  ip_family preferred = ip_family::ip4;
  bool fallback = true; ///< those of the other family, too
};

/// The way to a host: its name is resolved and its addresses are tried in turn. What this machine
/// lacks for it (descriptors, ports, memory, a route) is told apart from what the host did.
class dialer {
public:
  dialer(const services& use, probe_time& time, connection& over)
      : use_(use), time_(time), connection_(over), limits_{use.limits, nullptr} {}

  /// Hosts that a target or an answer names must keep these, too; null: no more.
  void limit(target_limits_ptr more) { limits_[1] = std::move(more); }
  /// So must hosts of the target itself, which are sent secrets.
  void limit_secrets(target_limits_ptr hosts) { secret_hosts_ = std::move(hosts); }

  /// Finds the addresses of a name, or takes a numeric address as it is. Where the deadline passes
  /// meanwhile `time` is expired; where the session is aborted its owner knows. `not_allowed` where
  /// the limits leave no address; then nothing is asked of a name that they deny.
  task<dial_fault> resolve(std::string host, family_wish wish, named_by whom = named_by::target);
  /// What `resolve` does for a numeric address, without a wait; nothing where the host is a name.
  std::optional<dial_fault> take_numeric(const std::string& host, named_by whom = named_by::target);

  /// The fault of a host that a proxy is to talk to, and that the limits do not allow; else none.
  dial_fault refusal_behind_proxy(const std::string& host, named_by whom) const;

  /// Connects to one of the addresses. Time is guarded by the deadline afterwards.
  task<dial_fault> connect(std::uint16_t port, std::weak_ptr<void> owner);

  /// Ends a wait for an answer; nothing is tried any more.
  void abort();

  /// The answer to the last name; nothing before there is one.
  const std::optional<dns::resolve_answer>& answer() const noexcept { return answer_; }
  /// What names have waited for their turn: no time of the target.
  nanoseconds resolve_lag() const noexcept { return resolve_lag_; }
  /// The numeric address that is connected to; after a failure the one that `connect` tells of.
  const std::string& address() const noexcept { return address_; }

private:
  task<dial_fault> ask(std::string host, family_wish wish, named_by whom);
  dial_fault keep_usable(const std::string& host, family_wish wish);
  dial_fault keep_allowed(const std::string& host, named_by whom);
  template <class Judge>
  dial_fault first_refusal(named_by whom, Judge judge) const;

  const services& use_;
  probe_time& time_;
  connection& connection_;
  std::array<target_limits_ptr, 2> limits_; ///< everybody's and the asker's; null: none
  target_limits_ptr secret_hosts_;          ///< null: whoever the target is
  std::optional<dns::resolve_answer> answer_;
  nanoseconds resolve_lag_{0};
  std::string address_;
  named_by whom_ = named_by::target; ///< of the last host
  bool aborted_ = false;
};

/// "192.0.2.1:80", "[2001:db8::1]:80".
std::string endpoint_text(const endpoint& e);

} // namespace xprober::stream
