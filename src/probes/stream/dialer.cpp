#include "xprober/probes/stream/dialer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <net/if.h>

#include "xprober/domain/address.hpp"
#include "xprober/probes/stream/faults.hpp"
#include "xprober/probes/stream/plain_address.hpp"

namespace asio = boost::asio;

namespace xprober::stream {

namespace {

constexpr milliseconds min_attempt_time{2000};
constexpr std::size_t max_told = 8; ///< addresses of which a message says what came of each

/// Why no probe goes to an address; empty where one does.
std::string problem_of(const asio::ip::address& address) {
  return unusable_address(plain_address(address),
                          address.is_v6() && address.to_v6().scope_id() != 0);
}

/// True for the name of an interface and for its number. (make_address takes the number that a zone
/// begins with where it names nothing.)
bool is_interface(const std::string& zone) {
  unsigned number = 0;
  const auto [end, failure] = std::from_chars(zone.data(), zone.data() + zone.size(), number);
  std::array<char, IF_NAMESIZE> name{};
  const bool numbered = failure == std::errc{} && end == zone.data() + zone.size();
  return ::if_nametoindex(zone.c_str()) != 0 ||
         (numbered && ::if_indextoname(number, name.data()) != nullptr);
}

/// The fault of a numeric address that no probe goes to.
dial_fault fault_of(const std::string& host, const asio::ip::address& address) {
  if (const auto percent = host.find('%'); percent != host.npos && address.is_v6()) {
    const auto zone = host.substr(percent + 1);
    if (address.to_v6().scope_id() == 0 || !is_interface(zone)) {
      return {probe_error::bad_target, host + ": this machine has no interface '" + zone + "'"};
    }
  }
  auto problem = problem_of(address);
  return problem.empty() ? dial_fault{} : dial_fault{probe_error::bad_target, std::move(problem)};
}

/// Nothing where the host is a name.
std::optional<asio::ip::address> numeric_address(const std::string& host) {
  if (const auto plain = parse_ip(host); plain && !plain->v6) {
    asio::ip::address_v4::bytes_type bytes;
    std::copy_n(plain->bytes.begin(), bytes.size(), bytes.begin());
    return asio::ip::address_v4{bytes};
  }
  if (host.find(':') == host.npos) {
    return std::nullopt;
  }
  error_code is_name;
  const auto address = asio::ip::make_address(host, is_name);
  return is_name ? std::nullopt : std::optional{address};
}

// The time one of several addresses may take: its share of what is left, but no less than a
// connection over a long way needs.
monotonic_time attempt_limit(monotonic_time now, monotonic_time deadline, std::size_t left) {
  const auto share = (deadline - now) / static_cast<std::int64_t>(left);
  return std::min(deadline, now + std::max<monotonic_clock::duration>(share, min_attempt_time));
}

/// What connect(2) may say where this machine has no way to an address.
bool is_of_way(const error_code& error) noexcept {
  return error == boost::system::errc::network_unreachable ||
         error == boost::system::errc::address_not_available ||
         error == boost::system::errc::address_family_not_supported;
}

} // namespace

std::string endpoint_text(const endpoint& e) {
  const auto address = e.address().to_string();
  return (e.address().is_v6() ? "[" + address + "]" : address) + ":" + std::to_string(e.port());
}

/// What the first of the limits says that refuses; `judge(limits)` gives the sentence.
template <class Judge>
dial_fault dialer::first_refusal(named_by whom, Judge judge) const {
  std::string why;
  if (whom != named_by::configuration) {
    for (const auto& each : limits_) {
      if (each && why.empty()) {
        why = judge(*each);
      }
    }
  }
  if (why.empty() && whom == named_by::target && secret_hosts_) {
    why = judge(*secret_hosts_);
  }
  return why.empty() ? dial_fault{} : dial_fault{probe_error::not_allowed, std::move(why)};
}

std::optional<dial_fault> dialer::take_numeric(const std::string& host, named_by whom) {
  const auto address = numeric_address(host);
  if (!address) {
    return std::nullopt;
  }
  whom_ = whom;
  answer_ = dns::resolve_answer{probe_error::none, {}, {*address}};
  time_.set_expired(false);
  auto fault = fault_of(host, *address);
  return fault.is_none() ? keep_allowed({}, whom) : std::move(fault);
}

task<dial_fault> dialer::resolve(std::string host, family_wish wish, named_by whom) {
  if (auto known = take_numeric(host, whom)) {
    co_return std::move(*known);
  }
  answer_.reset();
  whom_ = whom;
  auto fault = first_refusal(
      whom, [&host](const target_limits& limits) { return limits.refusal_of_name(host); });
  if (!fault.is_none()) {
    time_.set_expired(false);
    co_return fault;
  }
  fault = co_await ask(std::move(host), wish, whom);
  co_return fault;
}

dial_fault dialer::refusal_behind_proxy(const std::string& host, named_by whom) const {
  const auto address = numeric_address(host);
  return first_refusal(whom, [&](const target_limits& limits) {
    return address ? limits.refusal_of({}, plain_address(*address))
                   : limits.refusal_unresolved(host);
  });
}

task<dial_fault> dialer::ask(std::string host, family_wish wish, named_by whom) {
  ++use_.counters.resolves;
  const auto ticket =
      use_.resolver.resolve(host, wish.preferred, [this](const dns::resolve_answer& answer) {
        answer_ = answer;
        time_.wake();
      });
  co_await time_.wait_for([this] { return answer_ || aborted_; });
  const auto now = monotonic_clock::now();
  resolve_lag_ += answer_ ? answer_->waited : ticket.waited(now);
  time_.set_expired(!answer_);
  if (!answer_) {
    auto own = aborted_ ? std::string{} : ticket.own_fault(now);
    if (!own.empty()) {
      time_.set_expired(false);
      co_return dial_fault{probe_error::local_overload, std::move(own)};
    }
    co_return dial_fault{};
  }
  if (answer_->error != probe_error::none) {
    co_return dial_fault{answer_->error, answer_->detail};
  }
  auto fault = keep_usable(host, wish);
  if (fault.is_none()) {
    fault = keep_allowed(host, whom);
  }
  co_return fault;
}

/// Takes the addresses out that the limits do not allow; the fault where none is left. `host`: the
/// name, empty for a numeric address.
dial_fault dialer::keep_allowed(const std::string& host, named_by whom) {
  auto& all = answer_->addresses;
  dial_fault last;
  std::erase_if(all, [&](const auto& one) {
    auto refused = first_refusal(whom, [&](const target_limits& limits) {
      return limits.refusal_of(host, plain_address(one));
    });
    if (refused.is_none()) {
      return false;
    }
    last = std::move(refused);
    return true;
  });
  return all.empty() ? last : dial_fault{};
}

/// Takes the addresses out that no probe goes to; the fault where none is left.
dial_fault dialer::keep_usable(const std::string& host, family_wish wish) {
  auto& all = answer_->addresses;
  const bool wanted_v6 = wish.preferred == ip_family::ip6;
  if (!wish.fallback) {
    std::erase_if(all, [&](const auto& one) { return one.is_v6() != wanted_v6; });
    if (all.empty()) {
      return {probe_error::resolve_no_address, host + ": the name has no " +
                                                   (wanted_v6 ? "IPv6" : "IPv4") +
                                                   " address, and ip_protocol_fallback is false"};
    }
  }
  std::string last;
  std::erase_if(all, [&](const auto& one) {
    auto problem = problem_of(one);
    if (problem.empty()) {
      return false;
    }
    last = std::move(problem);
    return true;
  });
  if (all.empty() && !last.empty()) {
    return {probe_error::resolve_no_address,
            host + ": the name has no address that can be probed: " + last};
  }
  return {};
}

probe_error silence::fault() const noexcept {
  return kept_back.empty() ? probe_error::connect_timeout : probe_error::local_overload;
}

std::string silence::text() const {
  return kept_back.empty() ? "no answer in time" : "no answer could come: " + kept_back;
}

void failed_addresses::add(const error_code& error, const endpoint& to,
                           const std::optional<silence>& too_late, stream_counters& counters) {
  auto fault = too_late ? too_late->fault() : connect_fault(error);
  const bool no_way = !too_late && is_of_way(error) && !has_way_to(to.address());
  if (no_way) {
    fault = whom_ == named_by::answer ? probe_error::unreachable : probe_error::local_send;
  }
  const bool may_be_broadcast = !too_late && (error == boost::system::errc::network_unreachable ||
                                              error == boost::system::errc::permission_denied);
  const bool broadcast = may_be_broadcast && is_own_broadcast(to.address());
  if (broadcast) {
    fault = probe_error::not_allowed;
  }
  if (too_late) {
    counters.neighbours_full += too_late->kept_back.empty() ? 0U : 1U;
  } else if (is_local(fault) && !no_way) {
    count_shortage(error, counters);
  }
  const int weight = no_way ? 1 : fault == probe_error::unreachable ? 2 : !is_local(fault) ? 3 : 4;
  if (weight > weight_) {
    weight_ = weight;
    fault_ = fault;
    address_ = to.address().to_string();
  }
  if (++tried_ <= max_told) {
    detail_ += (detail_.empty() ? "connect to " : "; to ") + endpoint_text(to) + ": " +
               (too_late    ? too_late->text()
                : broadcast ? "the broadcast address of a network that this machine is in"
                : no_way    ? "there is no way to it from this machine: " + error.message()
                            : error.message());
  }
}

std::string failed_addresses::detail(std::size_t of) const {
  if (tried_ <= max_told && tried_ >= of) {
    return detail_;
  }
  auto text = detail_;
  if (tried_ > max_told) {
    text += "; to " + std::to_string(tried_ - max_told) + " more: none could be connected to";
  }
  return text + "; " + std::to_string(tried_) + " of " + std::to_string(of) +
         " addresses were tried" + (tried_ < of ? " in the time there was" : "");
}

task<dial_fault> dialer::connect(std::uint16_t port, std::weak_ptr<void> owner) {
  const auto count = answer_->addresses.size();
  failed_addresses failed{whom_};
  for (std::size_t i = 0; i < count; ++i) {
    const endpoint to{answer_->addresses[i], port};
    address_ =
        to.address().is_v4() ? to_string(plain_address(to.address())) : to.address().to_string();
    const auto began = monotonic_clock::now();
    const auto limit = attempt_limit(began, time_.deadline(), count - i);
    time_.guard(limit, owner);
    const auto error = co_await connection_.connect(to);
    if (!error && !time_.expired() && !aborted_) {
      ++use_.counters.connections;
      if (limit != time_.deadline()) {
        time_.guard(time_.deadline(), owner);
      }
      co_return dial_fault{};
    }
    if (aborted_) {
      co_return dial_fault{};
    }
    const auto now = monotonic_clock::now();
    const auto too_late =
        time_.expired()
            ? std::optional{silence{use_.neighbours.kept_back(to.address(), began, now)}}
            : std::nullopt;
    failed.add(error, to, too_late, use_.counters);
    if (now >= time_.deadline()) {
      break;
    }
  }
  address_ = failed.address();
  co_return dial_fault{failed.fault(), failed.detail(count)};
}

void dialer::abort() {
  aborted_ = true;
  time_.wake();
}

} // namespace xprober::stream
