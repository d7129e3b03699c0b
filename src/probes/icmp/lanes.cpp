#include "xprober/probes/icmp/lanes.hpp"

#include <algorithm>
#include <utility>

#include "xprober/domain/kind_table.hpp"

namespace xprober::icmp {

namespace {

/// Outlets of a kind: with 512 echoes each, as where the kernel allows no larger buffer, a /16 of
/// silent neighbours every 15 s fits.
constexpr std::size_t most_outlets = 32;

/// Bytes for what tells that a batch has left.
constexpr int least_for_stamps = 1 << 20;

/// Ends what an outlet waits for; others may hold it a little longer than its main one lives.
void let_go(endpoint& outlet) {
  outlet.cancel();
  outlet.main = nullptr;
}

} // namespace

void lanes::take(const settings& next) {
  // The old ones stay until the new ones have taken over the sockets that they need, too.
  auto fresh = make(next.own, next.share_period);
  const auto old = std::exchange(own_, std::move(fresh));
  std::map<std::string, std::shared_ptr<lane>, std::less<>> made;
  for (const auto& [name, module] : next.modules) {
    auto l = make(module, next.share_period);
    modules_.insert_or_assign(name, l); // for those that follow to share its sockets
    made.emplace(name, std::move(l));
  }
  modules_ = std::move(made);
}

std::shared_ptr<lane> lanes::of(const prober_name& prober) const {
  if (prober == own_name_) {
    return own_;
  }
  const auto at = modules_.find(prober.text());
  return at == modules_.end() ? nullptr : at->second;
}

std::shared_ptr<lane> lanes::make(const icmp_config& config, nanoseconds share_period) {
  auto l = std::make_shared<lane>(in_range(config),
                                  config.share_results ? share_period : nanoseconds{0});
  largest_ = std::max(largest_, l->config.size);
  std::shared_ptr<const lane> like = own_;
  for (const auto& [name, module] : modules_) {
    like = like && same_sockets(like->config, l->config) ? like : module;
  }
  if (like && same_sockets(like->config, l->config)) {
    l->share_sockets(*like);
  } else {
    open_missing(*l);
  }
  return l;
}

std::shared_ptr<lane> lanes::own_lane(lane& base, const probe_request& request) {
  if (!base.endpoints[0] || !base.endpoints[1]) {
    open_missing(base);
  }
  return std::make_shared<lane>(base, request, monotonic_clock::now());
}

void lanes::open_missing(lane& l) {
  const monotonic_time now = monotonic_clock::now();
  if (l.opened_at != monotonic_time{} && now - l.opened_at < reopen_after) {
    return;
  }
  l.opened_at = now;
  echo_socket_options options;
  options.kind = l.config.socket;
  options.ttl = l.config.ttl;
  options.dscp = l.config.dscp;
  options.fragments = fragmenting_of(l.config);
  options.receive_buffer = buffers_.receive;
  options.send_buffer = buffers_.send;
  if (!l.config.source.empty()) {
    const parsed_target source = parse_target(l.config.source);
    if (source.kind != target_kind::address) {
      l.problems.fill("icmp.source \"" + l.config.source + "\" is not a numeric address");
      return;
    }
    options.source = source.address;
  }
  for (const ip_family family : both_families) {
    const auto i = static_cast<std::size_t>(family);
    if (l.endpoints[i]) {
      continue;
    }
    l.problems[i].clear();
    echo_socket opened = echo_socket::open(family, options, l.problems[i]);
    if (opened.is_open()) {
      l.endpoints[i] = std::make_shared<endpoint>(io_, std::move(opened));
      endpoints_.push_back(l.endpoints[i]);
      open_outlets(*l.endpoints[i], options);
    }
  }
}

/// Without outlets (no descriptor is free, say) everything leaves by the main socket.
void lanes::open_outlets(endpoint& main, echo_socket_options options) {
  if (buffers_.waiting == 0) {
    return;
  }
  options.kind = main.socket.is_raw() ? icmp_socket::raw : icmp_socket::dgram;
  options.replies_to = main.socket.is_raw() ? main.socket.id() : 0;
  options.tells_leaving = true;
  options.send_buffer = buffers_.waiting;
  options.receive_buffer = std::max(options.receive_buffer, least_for_stamps);
  for (auto& outlet : main.outlets) {
    outlet = open_outlet(main, options);
  }
  if (main.outlets[1]) {
    main.outlets[1]->for_silent = true;
  }
}

std::shared_ptr<endpoint> lanes::open_outlet(endpoint& main, const echo_socket_options& options) {
  std::string problem;
  auto opened = echo_socket::open(main.socket.family(), options, problem);
  if (!opened.is_open()) {
    return nullptr;
  }
  auto outlet = std::make_shared<endpoint>(io_, std::move(opened));
  outlet->main = &main;
  outlet->how = options;
  outlet->used_at = monotonic_clock::now();
  endpoints_.push_back(outlet);
  return outlet;
}

bool lanes::widen(endpoint& full) {
  if (!full.blocked || full.main == nullptr) {
    return false;
  }
  endpoint* free = full.main->outlets[full.for_silent ? 1 : 0].get();
  std::size_t count = 1;
  for (; free->blocked && free->next; free = free->next.get()) {
    ++count;
  }
  if (free->blocked) {
    free->next = count < most_outlets ? open_outlet(*full.main, full.how) : nullptr;
    if (!free->next) {
      return false;
    }
    free->next->for_silent = full.for_silent;
    free = free->next.get();
  }
  free->take_queue(full);
  return true;
}

void lanes::drop_unused() {
  const auto unused = [](const std::shared_ptr<endpoint>& via) {
    return !via->is_outlet() && via.use_count() == 1;
  };
  if (std::none_of(endpoints_.begin(), endpoints_.end(), unused)) {
    return;
  }
  // An outlet goes with its main one, whatever it still waits for.
  std::vector<const endpoint*> going;
  for (const auto& via : endpoints_) {
    if (unused(via)) {
      going.push_back(via.get());
      via->each_outlet([&](endpoint& outlet) {
        going.push_back(&outlet);
        let_go(outlet);
      });
    }
  }
  std::erase_if(endpoints_, [&](const std::shared_ptr<endpoint>& via) {
    return std::find(going.begin(), going.end(), via.get()) != going.end();
  });
}

void lanes::close_idle(monotonic_time now) {
  std::vector<std::shared_ptr<endpoint>> going;
  for (const auto& main : endpoints_) {
    for (const auto& first : main->outlets) {
      for (endpoint* before = first.get(); before != nullptr && before->next;) {
        const auto outlet = before->next;
        const bool busy = outlet->blocked || !outlet->queue.empty() ||
                          now - outlet->used_at < idle_after || outlet->socket.buffered() != 0;
        if (busy) {
          before = outlet.get();
        } else {
          before->next = outlet->next;
          going.push_back(outlet);
        }
      }
    }
  }
  for (const auto& outlet : going) {
    let_go(*outlet);
    std::erase(endpoints_, outlet);
  }
}

void lanes::clear() {
  own_.reset();
  modules_.clear();
  for (const auto& via : endpoints_) {
    via->cancel();
    if (via->is_outlet()) {
      via->main = nullptr;
    }
  }
  endpoints_.clear();
}

socket_status lanes::status() const {
  socket_status status;
  for (const ip_family family : both_families) {
    const auto i = static_cast<std::size_t>(family);
    if (const auto& via = own_->endpoints[i]) {
      status.available = true;
      status.raw = status.raw || via->socket.is_raw();
    } else if (status.problem.find(own_->problems[i]) == std::string::npos) {
      status.problem += status.problem.empty() ? "" : "; ";
      status.problem += own_->problems[i];
    }
  }
  return status;
}

} // namespace xprober::icmp
