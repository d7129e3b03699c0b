#include "xprober/probes/dns/resolver.hpp"

#include <algorithm>
#include <deque>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include <ares.h>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include "xprober/domain/clock.hpp"
#include "xprober/probes/dns/answer.hpp"
#include "xprober/probes/dns/answer_cache.hpp"
#include "xprober/probes/dns/ares_channel.hpp"

namespace asio = boost::asio;

namespace xprober::dns {

namespace {

/// RFC 8305, section 3: how long the other family is waited for once the preferred one is there.
constexpr milliseconds resolution_delay{50};
constexpr milliseconds config_check_interval{1000};
constexpr const char* resolv_conf = "/etc/resolv.conf";

/// RFC 1035, section 2.3.4: the longest name, with a final dot.
constexpr std::size_t max_name_length = 254;

std::optional<asio::ip::address> parse_numeric(const std::string& host) {
  boost::system::error_code error;
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  auto address = asio::ip::make_address(bracketed ? host.substr(1, host.size() - 2) : host, error);
  if (error || (bracketed && !address.is_v6())) {
    return std::nullopt;
  }
  return address;
}

bool out_of_descriptors() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd >= 0) {
    ::close(fd);
    return false;
  }
  return errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
}

struct waiter {
  monotonic_time since;
  resolver::handler done;
};

/// One name under way, or waiting for its turn.
struct lookup {
  lookup(name_key k, const asio::any_io_executor& executor) : key(std::move(k)), timer(executor) {}

  name_key key;
  std::vector<waiter> waiters;
  asio::steady_timer timer; ///< the timeout, and then the resolution delay
  monotonic_time started{};
  bool running = false;
  bool finished = false;
  family_answer ip4;
  family_answer ip6;
};

bool is_negative(probe_error error) noexcept {
  return error == probe_error::resolve_not_found || error == probe_error::resolve_no_address;
}

} // namespace

struct resolver::impl : std::enable_shared_from_this<impl> {
  impl(asio::any_io_executor ex, resolver_options opts)
      : executor(std::move(ex)), options(std::move(opts)), cache(options.max_cached_names) {}

  void resolve(std::string host, ip_family preferred, handler done);
  void reconfigure(resolver_options next);
  void stop();

  void answer_later(handler done, answer_ptr answer);
  bool answer_from_cache(const name_key& key, handler& done);
  void pump();
  void begin(const std::shared_ptr<lookup>& l);
  bool answer_from_files(lookup& l);
  void ask(const std::shared_ptr<lookup>& l, int family, bool for_reason = false);
  void on_family(lookup& l, int family, int status, ares_channel::found result);
  void set_timer(const std::shared_ptr<lookup>& l, milliseconds after);
  void finish(lookup& l, resolve_answer answer);
  void keep(const lookup& l, const resolve_answer& answer);
  ares_channel& dns();
  ares_channel& reasons();
  void retire_channels();
  std::shared_ptr<ares_channel> make_channel(bool believe_failures) const;

  asio::any_io_executor executor;
  resolver_options options;
  std::shared_ptr<ares_channel> servers;
  std::shared_ptr<ares_channel> believing;          ///< asked once more where no server was of use
  std::vector<std::weak_ptr<ares_channel>> retired; ///< with queries that have not ended
  std::filesystem::file_time_type config_time{};
  monotonic_time config_checked{};
  std::map<name_key, std::shared_ptr<lookup>> lookups;
  std::deque<std::shared_ptr<lookup>> waiting;
  answer_cache cache;
  dns_counters counters;
  std::size_t running = 0;
  bool stopped = false;
};

void resolver::impl::resolve(std::string host, ip_family preferred, handler done) {
  const auto at_once = [&](resolve_answer answer) {
    answer_later(std::move(done), std::make_shared<const resolve_answer>(std::move(answer)));
  };
  if (stopped) {
    at_once({probe_error::shutdown, describe(host, ARES_ECANCELLED), {}, {}});
    return;
  }
  if (auto address = parse_numeric(host)) {
    at_once({probe_error::none, {}, {*address}, {}});
    return;
  }
  if (host.empty() || host.size() > max_name_length || host.find('\0') != std::string::npos) {
    at_once({probe_error::resolve_failed,
             "host name of " + std::to_string(host.size()) + " bytes: not a host name",
             {},
             {}});
    return;
  }
  name_key key{std::move(host), preferred};
  std::transform(key.host.begin(), key.host.end(), key.host.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (answer_from_cache(key, done)) {
    return;
  }
  auto& entry = lookups[key];
  if (!entry) {
    entry = std::make_shared<lookup>(key, executor);
    waiting.push_back(entry);
  } else {
    ++counters.joined;
  }
  entry->waiters.push_back({monotonic_clock::now(), std::move(done)});
  pump();
}

void resolver::impl::answer_later(handler done, answer_ptr answer) {
  asio::post(executor, [done = std::move(done), answer = std::move(answer)] { done(*answer); });
}

bool resolver::impl::answer_from_cache(const name_key& key, handler& done) {
  auto found = cache.find(key, monotonic_clock::now());
  if (!found) {
    return false;
  }
  ++(is_negative(found->error) ? counters.negative_hits : counters.cache_hits);
  answer_later(std::move(done), std::move(found));
  return true;
}

void resolver::impl::pump() {
  while (!waiting.empty() && running < options.max_in_flight) {
    const auto next = waiting.front();
    waiting.pop_front();
    begin(next);
  }
}

void resolver::impl::begin(const std::shared_ptr<lookup>& l) {
  l->started = monotonic_clock::now();
  l->running = true;
  ++running;
  if (answer_from_files(*l)) {
    return;
  }
  ++counters.queries;
  set_timer(l, options.timeout);
  ask(l, AF_INET);
  ask(l, AF_INET6);
}

bool resolver::impl::answer_from_files(lookup& l) {
  const auto found = dns().look_into_hosts_file(l.key.host);
  if (found.empty()) {
    return false;
  }
  for (const auto& address : found) {
    (address.is_v4() ? l.ip4 : l.ip6).addresses.push_back(address);
  }
  finish(l, merge(l.key.host, l.key.preferred, l.ip4, l.ip6));
  return true;
}

void resolver::impl::ask(const std::shared_ptr<lookup>& l, int family, bool for_reason) {
  auto& channel = for_reason ? reasons() : dns();
  channel.ask(
      l->key.host, family,
      [weak = weak_from_this(), l, family, for_reason](int status, ares_channel::found result) {
        if (const auto self = weak.lock(); self && !l->finished) {
          if (status == ARES_ECONNREFUSED && !for_reason) {
            self->ask(l, family, true);
            return;
          }
          self->on_family(*l, family, status, std::move(result));
          if (!l->finished && !l->ip4.done != !l->ip6.done) {
            const auto& preferred = l->key.preferred == ip_family::ip4 ? l->ip4 : l->ip6;
            if (!preferred.addresses.empty()) {
              self->set_timer(l, resolution_delay);
            }
          }
        }
      });
}

void resolver::impl::on_family(lookup& l, int family, int status, ares_channel::found result) {
  auto& answer = family == AF_INET ? l.ip4 : l.ip6;
  answer.done = true;
  answer.status = status;
  answer.addresses = std::move(result.addresses);
  answer.ttl = result.ttl;
  if (!l.ip4.done || !l.ip6.done) {
    return;
  }
  auto merged = merge(l.key.host, l.key.preferred, l.ip4, l.ip6);
  // c-ares reports a socket it could not open as a server that cannot be reached.
  if (merged.error == probe_error::resolve_failed && out_of_descriptors()) {
    merged.error = probe_error::local_no_socket;
    merged.detail = l.key.host + ": not resolved, this process has no socket left to ask with";
  }
  finish(l, std::move(merged));
}

void resolver::impl::set_timer(const std::shared_ptr<lookup>& l, milliseconds after) {
  const auto deadline = l->started + options.timeout;
  l->timer.expires_at(std::min(deadline, monotonic_clock::now() + after));
  l->timer.async_wait([weak = weak_from_this(), l](boost::system::error_code error) {
    if (const auto self = weak.lock(); self && !error && !l->finished) {
      self->finish(*l, merge(l->key.host, l->key.preferred, l->ip4, l->ip6));
    }
  });
}

void resolver::impl::finish(lookup& l, resolve_answer answer) {
  const auto now = monotonic_clock::now();
  l.finished = true;
  l.timer.cancel();
  answer.took = now - l.started;
  if (answer.error != probe_error::none && answer.error != probe_error::shutdown) {
    ++counters.failures;
    counters.timeouts += answer.error == probe_error::resolve_timeout ? 1U : 0U;
  }
  keep(l, answer);
  for (auto& w : l.waiters) {
    auto own = std::make_shared<resolve_answer>(answer);
    own->took = now - std::max(w.since, l.started);
    answer_later(std::move(w.done), std::move(own));
  }
  l.waiters.clear();
  if (l.running) {
    --running;
  }
  lookups.erase(name_key{l.key});
  // Later: this can be inside a call of c-ares.
  if (!waiting.empty() && !stopped) {
    asio::post(executor, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) {
        self->pump();
      }
    });
  }
}

void resolver::impl::keep(const lookup& l, const resolve_answer& answer) {
  const bool negative = is_negative(answer.error);
  const auto ttl = lifetime(l.key.preferred, l.ip4, l.ip6);
  if (!ttl || (answer.error != probe_error::none && !negative)) {
    return;
  }
  const auto most = negative ? options.cache_max_negative_ttl : options.cache_max_ttl;
  const auto now = monotonic_clock::now();
  auto kept = std::make_shared<resolve_answer>(answer);
  kept->cached = true;
  cache.put(l.key, std::move(kept), now + std::min<milliseconds>(*ttl, most), now);
}

void resolver::impl::reconfigure(resolver_options next) {
  options = std::move(next);
  cache.reset(options.max_cached_names);
  retire_channels();
  if (!stopped) {
    pump(); // there may be more places now
  }
}

ares_channel& resolver::impl::dns() {
  const auto now = monotonic_clock::now();
  if (servers && (!options.servers.empty() || now - config_checked < config_check_interval)) {
    return *servers;
  }
  config_checked = now;
  std::error_code missing;
  const auto changed = std::filesystem::last_write_time(resolv_conf, missing);
  if (!servers || (!missing && changed != config_time)) {
    config_time = changed;
    retire_channels();
    servers = make_channel(false);
  }
  return *servers;
}

// The old ones live on until their queries have ended.
void resolver::impl::retire_channels() {
  std::erase_if(retired, [](const auto& channel) { return channel.expired(); });
  for (auto* old : {&servers, &believing}) {
    if (*old) {
      retired.push_back(std::exchange(*old, nullptr));
    }
  }
}

ares_channel& resolver::impl::reasons() {
  if (!believing) {
    believing = make_channel(true);
  }
  return *believing;
}

std::shared_ptr<ares_channel> resolver::impl::make_channel(bool believe_failures) const {
  return std::make_shared<ares_channel>(executor,
                                        channel_settings{.servers = options.servers,
                                                         .timeout = options.timeout,
                                                         .attempts = options.attempts,
                                                         .believe_failures = believe_failures});
}

void resolver::impl::stop() {
  if (std::exchange(stopped, true)) {
    return;
  }
  waiting.clear();
  for (const auto outstanding = std::exchange(lookups, {}); const auto& [key, l] : outstanding) {
    finish(*l, {probe_error::shutdown, describe(key.host, ARES_ECANCELLED), {}, {}});
  }
  for (const auto& channel : {servers, believing}) {
    if (channel) {
      channel->close();
    }
  }
  for (const auto& weak : retired) {
    if (const auto channel = weak.lock()) {
      channel->close();
    }
  }
}

resolver::resolver(asio::any_io_executor executor, resolver_options options)
    : impl_(std::make_shared<impl>(std::move(executor), std::move(options))) {}

resolver::~resolver() { impl_->stop(); }

void resolver::resolve(std::string host, ip_family preferred, handler done) {
  impl_->resolve(std::move(host), preferred, std::move(done));
}

void resolver::reconfigure(resolver_options options) { impl_->reconfigure(std::move(options)); }

dns_counters resolver::counters() const {
  auto all = impl_->counters;
  all.cached_names = impl_->cache.size();
  return all;
}

void resolver::stop() { impl_->stop(); }

} // namespace xprober::dns
