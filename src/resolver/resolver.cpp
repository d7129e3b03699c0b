#include "xprober/resolver/resolver.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <ares.h>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include "xprober/domain/ascii.hpp"
#include "xprober/domain/clock.hpp"
#include "xprober/resolver/answer.hpp"
#include "xprober/resolver/known_answers.hpp"
#include "xprober/resolver/server_channels.hpp"
#include "xprober/resolver/turns.hpp"

namespace asio = boost::asio;

namespace xprober::dns {

namespace {

/// RFC 8305, section 3: how long the other family is waited for once the preferred one is there.
constexpr milliseconds resolution_delay{50};

bool out_of_descriptors() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd >= 0) {
    ::close(fd);
    return false;
  }
  return errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
}

/// So many names in a row that no server answers are remembered.
constexpr std::size_t most_silent_names = 16;

/// True where a server has said something, be it that there is no such name.
bool was_answered(const family_answer& f) noexcept {
  return f.done && f.status != ARES_ETIMEOUT && f.status != ARES_ECONNREFUSED &&
         f.status != ARES_ECANCELLED && f.status != ARES_EDESTRUCTION;
}

// What one name may take before it makes room for others: long for a server that is there.
monotonic_clock::duration quick_limit(const resolver_options& options) {
  return options.timeout / 10;
}

std::size_t places_of(const resolver_options& options) {
  return std::max<std::size_t>(options.max_in_flight, 1);
}

/// One name under way, or waiting for its turn.
struct lookup : turns::item {
  lookup(name_key k, const asio::any_io_executor& executor)
      : item(std::hash<std::string>{}(k.host)), key(std::move(k)), timer(executor) {}

  bool has_begun() const noexcept { return started != monotonic_time{}; }

  name_key key;
  std::vector<std::shared_ptr<resolver::waiter>> waiters; ///< those that have given up, too
  std::size_t needed_by = 0;                              ///< so many of them
  asio::steady_timer timer; ///< the timeout, and then the resolution delay
  monotonic_time started{};
  bool finished = false;
  bool asked = false; ///< a server, not the hosts file alone
  family_answer ip4;
  family_answer ip6;
};

} // namespace

/// One call of `resolve`, until its handler is called or its ticket ends.
struct resolver::waiter {
  std::weak_ptr<impl> owner;
  std::weak_ptr<lookup> of; ///< what it waits for
  handler done;
  monotonic_time since{};
  std::size_t places = 0; ///< of the resolver, to tell
};

struct resolver::impl : std::enable_shared_from_this<impl> {
  impl(asio::any_io_executor ex, resolver_options opts)
      : executor(std::move(ex)), options(std::move(opts)), channels(executor),
        order(places_of(options), quick_limit(options)), room_timer(executor), known(options) {}

  using waiter_ptr = std::shared_ptr<waiter>;
  /// How the servers are asked.
  enum class way : std::uint8_t { usual, for_reason, over_tcp };

  waiter_ptr resolve(const std::string& host, ip_family preferred, handler done);
  void give_up(lookup& l);
  void reconfigure(resolver_options next);
  void stop();

  void answer_later(waiter_ptr who, answer_ptr answer);
  void pump();
  void pump_later();
  ares_channel& channel_of(way by);
  void schedule_room();
  void begin(const std::shared_ptr<lookup>& l);
  void ask(const std::shared_ptr<lookup>& l, int family, way by = way::usual);
  void on_family(lookup& l, int family, int status, ares_channel::found result);
  void set_timer(const std::shared_ptr<lookup>& l, milliseconds after);
  void finish(lookup& l, resolve_answer answer);
  void note_silence(const lookup& l, probe_error error);

  asio::any_io_executor executor;
  resolver_options options;
  server_channels channels;
  std::map<name_key, std::shared_ptr<lookup>> lookups;
  turns order; ///< of `lookups`
  asio::steady_timer room_timer;
  bool room_is_set = false;
  known_answers known;
  dns_counters counters;
  std::set<std::string> silent; ///< hosts since a server last answered: see `most_silent_names`
  bool stopped = false;
};

resolver::impl::waiter_ptr resolver::impl::resolve(const std::string& host, ip_family preferred,
                                                   handler done) {
  auto who = std::make_shared<waiter>(
      waiter{weak_from_this(), {}, std::move(done), monotonic_clock::now(), order.count()});
  const auto at_once = [&](resolve_answer answer) {
    answer_later(who, std::make_shared<const resolve_answer>(std::move(answer)));
    return who;
  };
  if (stopped) {
    return at_once({probe_error::shutdown, describe(host, ARES_ECANCELLED), {}});
  }
  if (auto answer = known_answers::of_text(host)) {
    return at_once(std::move(*answer));
  }
  name_key key{ascii::to_lower(host), preferred};
  if (auto kept = known.kept(key, counters)) {
    answer_later(who, std::move(kept));
    return who;
  }
  auto& entry = lookups[key];
  if (!entry) {
    entry = std::make_shared<lookup>(key, executor);
    order.wait(*entry, who->since);
  } else {
    ++counters.joined;
  }
  who->of = entry;
  entry->waiters.push_back(who);
  ++entry->needed_by;
  pump();
  return who;
}

// Nobody waits for it: what has begun goes on for the sake of its answer.
void resolver::impl::give_up(lookup& l) {
  if (--l.needed_by > 0 || l.has_begun() || l.finished) {
    return;
  }
  ++counters.cancelled;
  order.leave(l);
  l.finished = true;
  lookups.erase(l.key);
}

void resolver::impl::answer_later(waiter_ptr who, answer_ptr answer) {
  asio::post(executor, [who = std::move(who), answer = std::move(answer)] {
    if (const auto done = std::exchange(who->done, nullptr)) {
      done(*answer);
    }
  });
}

void resolver::impl::pump() {
  do {
    while (auto* next = order.next(monotonic_clock::now())) {
      const auto begun = lookups.at(static_cast<lookup*>(next)->key);
      begin(begun);
    }
  } while (order.make_room(monotonic_clock::now()));
  schedule_room();
}

void resolver::impl::pump_later() {
  asio::post(executor, [weak = weak_from_this()] {
    if (const auto self = weak.lock(); self && !self->stopped) {
      self->pump();
    }
  });
}

void resolver::impl::schedule_room() {
  // A timer that is set already is no later: places age in the order they were taken.
  const auto at = order.next_room();
  if (!at || std::exchange(room_is_set, true)) {
    return;
  }
  room_timer.expires_at(*at);
  room_timer.async_wait([weak = weak_from_this()](boost::system::error_code) {
    if (const auto self = weak.lock(); self && !self->stopped) {
      self->room_is_set = false;
      self->pump();
    }
  });
}

void resolver::impl::begin(const std::shared_ptr<lookup>& l) {
  l->started = monotonic_clock::now();
  if (known.in_files(l->key, l->ip4, l->ip6)) {
    finish(*l, merge(l->key.host, l->key.preferred, l->ip4, l->ip6));
    return;
  }
  ++counters.queries;
  l->asked = true;
  set_timer(l, options.timeout);
  ask(l, AF_INET);
  ask(l, AF_INET6);
}

ares_channel& resolver::impl::channel_of(way by) {
  switch (by) {
  case way::for_reason: return channels.believing(options);
  case way::over_tcp: return channels.over_tcp(options);
  default: return channels.usual(options);
  }
}

void resolver::impl::ask(const std::shared_ptr<lookup>& l, int family, way by) {
  channel_of(by).ask(
      l->key.host, family,
      [weak = weak_from_this(), l, family, by](int status, ares_channel::found result) {
        if (const auto self = weak.lock(); self && !l->finished) {
          if (result.truncated) {
            self->ask(l, family, way::over_tcp);
            return;
          }
          if (status == ARES_ECONNREFUSED && by == way::usual) {
            self->ask(l, family, way::for_reason);
            return;
          }
          self->on_family(*l, family, status, std::move(result));
          if (!l->finished && !l->ip4.done != !l->ip6.done) {
            const bool first4 = l->key.preferred == ip_family::ip4;
            const auto& preferred = first4 ? l->ip4 : l->ip6;
            const auto& other = first4 ? l->ip6 : l->ip4;
            if (!preferred.addresses.empty()) {
              self->set_timer(l, resolution_delay);
            } else if (!preferred.done && !other.addresses.empty()) {
              // Its answer may be lost once; whoever asks has some of its time left to use the
              // other.
              self->set_timer(l, self->options.timeout / 2);
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
  answer.took = l.has_begun() ? now - l.started : nanoseconds{0};
  if (answer.error != probe_error::none && answer.error != probe_error::shutdown) {
    ++counters.failures;
    counters.timeouts += answer.error == probe_error::resolve_timeout ? 1U : 0U;
  }
  note_silence(l, answer.error);
  if (!is_local(answer.error)) {
    const bool answered = answer.error == probe_error::none || is_negative(answer.error);
    order.note(l, answered || answer.took < order.limit() ? pace::quick : pace::slow, now);
  }
  known.keep(l.key, answer, l.ip4, l.ip6);
  for (auto& who : l.waiters) {
    auto own = std::make_shared<resolve_answer>(answer);
    const auto turn = l.has_begun() ? std::max(who->since, l.started) : now;
    own->took = now - turn;
    own->waited = turn - who->since;
    answer_later(std::move(who), std::move(own));
  }
  l.waiters.clear();
  order.leave(l);
  lookups.erase(name_key{l.key});
  if (order.waiting() > 0) {
    pump_later(); // this can be inside a call of c-ares
  }
}

/// One name that nobody answers may be its own fault; many, and nothing else, are the servers'.
void resolver::impl::note_silence(const lookup& l, probe_error error) {
  if (!l.asked) {
    return;
  }
  if (was_answered(l.ip4) || was_answered(l.ip6)) {
    silent.clear();
  } else if ((error == probe_error::resolve_timeout || error == probe_error::resolve_failed) &&
             silent.size() < most_silent_names) {
    silent.insert(l.key.host);
  }
}

void resolver::impl::reconfigure(resolver_options next) {
  silent.clear();
  options = std::move(next);
  known.reconfigure(options);
  channels.retire();
  order.resize(places_of(options), quick_limit(options));
  if (!stopped) {
    pump(); // there may be more places now
  }
}

void resolver::impl::stop() {
  if (std::exchange(stopped, true)) {
    return;
  }
  room_timer.cancel();
  for (const auto outstanding = std::exchange(lookups, {}); const auto& [key, l] : outstanding) {
    finish(*l, {probe_error::shutdown, describe(key.host, ARES_ECANCELLED), {}});
  }
  channels.close();
}

resolver::resolver(asio::any_io_executor executor, resolver_options options)
    : impl_(std::make_shared<impl>(std::move(executor), std::move(options))) {}

resolver::~resolver() { impl_->stop(); }

resolver::ticket& resolver::ticket::operator=(ticket&& other) noexcept {
  if (this != &other) {
    cancel();
    waiter_ = std::move(other.waiter_);
  }
  return *this;
}

void resolver::ticket::cancel() noexcept {
  const auto who = std::exchange(waiter_, nullptr);
  if (!who || !who->done) {
    return;
  }
  who->done = nullptr;
  const auto owner = who->owner.lock();
  if (const auto l = who->of.lock(); owner && l) {
    owner->give_up(*l);
  }
}

nanoseconds resolver::ticket::waited(monotonic_time now) const {
  const auto l = waiter_ ? waiter_->of.lock() : nullptr;
  if (!l) {
    return nanoseconds{0};
  }
  return std::max<nanoseconds>((l->has_begun() ? l->started : now) - waiter_->since,
                               nanoseconds{0});
}

std::string resolver::ticket::own_fault(monotonic_time now) const {
  const auto l = waiter_ ? waiter_->of.lock() : nullptr;
  const auto waiting = waited(now);
  if (!l || 2 * waiting <= now - waiter_->since) {
    return {};
  }
  const auto in_ms = [](nanoseconds time) { return std::to_string(time / milliseconds{1}); };
  return l->key.host + ": the name waited " + in_ms(waiting) + " of " +
         in_ms(now - waiter_->since) + " ms for its turn: resolver.max_in_flight (" +
         std::to_string(waiter_->places) + ") is too small for all the names that nobody answers";
}

resolver::ticket resolver::resolve(const std::string& host, ip_family preferred, handler done) {
  return ticket{impl_->resolve(host, preferred, std::move(done))};
}

void resolver::reconfigure(resolver_options options) { impl_->reconfigure(std::move(options)); }

dns_counters resolver::counters() const {
  auto all = impl_->counters;
  all.cached_names = impl_->known.size();
  all.queued = impl_->order.waiting();
  all.queued_slow = impl_->order.waiting_slow();
  all.yielded = impl_->order.yielded();
  all.silent_names = impl_->silent.size();
  return all;
}

void resolver::stop() { impl_->stop(); }

} // namespace xprober::dns
