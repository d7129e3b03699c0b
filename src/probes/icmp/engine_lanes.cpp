#include <algorithm>
#include <utility>

#include <boost/asio/ip/address.hpp>

#include "engine_loop.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/kind_table.hpp"

namespace xprober::icmp {

namespace {

constexpr std::array families{ip_family::ip4, ip_family::ip6};

/// How long a socket that could not be opened is left alone.
constexpr auto reopen_after = std::chrono::seconds{5};

icmp_config in_range(icmp_config c) {
  c.count = std::clamp<std::uint32_t>(c.count, 1, 65535);
  c.size = std::clamp<std::uint32_t>(c.size, echo_tag_size, 65507);
  c.timeout = std::max(c.timeout, milliseconds{1});
  c.interval = std::max(c.interval, milliseconds{0});
  c.deadline = std::max(c.deadline, milliseconds{1});
  c.dscp = std::clamp(c.dscp, 0, 63);
  c.ttl = std::clamp(c.ttl, 1, 255);
  return c;
}

/// Every IPv4 path carries 576 bytes (RFC 791) in practice: smaller echoes are never fragmented.
bool may_need_fragments(const icmp_config& c) {
  constexpr std::uint32_t headers = 20 + echo_header_size;
  return c.size + headers > 576;
}

bool same_sockets(const icmp_config& a, const icmp_config& b) {
  return a.socket == b.socket && a.ttl == b.ttl && a.dscp == b.dscp && a.source == b.source &&
         may_need_fragments(a) == may_need_fragments(b);
}

} // namespace

void engine_loop::make_lanes(settings config) {
  dns_ = std::move(config.dns);
  share_period_ = config.share_period;
  // The old ones stay until the new ones have taken over the sockets that they need, too.
  auto fresh = make_lane(std::move(config.own));
  const auto old = std::exchange(current_, std::move(fresh));
  std::map<std::string, std::shared_ptr<lane>, std::less<>> next;
  for (auto& [name, module] : config.modules) {
    auto l = make_lane(std::move(module));
    modules_.insert_or_assign(name, l); // for those that follow to share its sockets
    next.emplace(name, std::move(l));
  }
  modules_ = std::move(next);
}

std::shared_ptr<lane> engine_loop::lane_of(const prober_name& prober) const {
  if (prober.text() == kinds::icmp().name) {
    return current_;
  }
  const auto at = modules_.find(prober.text());
  return at == modules_.end() ? nullptr : at->second;
}

std::shared_ptr<lane> engine_loop::make_lane(icmp_config config) {
  auto l = std::make_shared<lane>(config.share_results ? share_period_ : nanoseconds{0});
  l->config = in_range(std::move(config));
  l->plan = {l->config.count, l->config.mode, l->config.interval, l->config.timeout};
  l->filler = make_filler(l->config.size);
  incoming_.reserve(l->config.size);
  std::shared_ptr<const lane> like = current_;
  for (const auto& [name, module] : modules_) {
    like = like && same_sockets(like->config, l->config) ? like : module;
  }
  if (like && same_sockets(like->config, l->config)) {
    l->endpoints = like->endpoints;
    l->problems = like->problems;
    l->opened_at = like->opened_at;
  } else {
    open_missing(*l);
  }
  return l;
}

std::shared_ptr<lane> engine_loop::own_lane(lane& base, const probe_request& request) {
  if (!base.endpoints[0] || !base.endpoints[1]) {
    open_missing(base);
  }
  const monotonic_time now = monotonic_clock::now();
  const auto& wishes = *request.ad_hoc;
  auto own = std::make_shared<lane>(nanoseconds{0});
  own->config = base.config;
  auto& config = own->config;
  if (wishes.time_limit.count() != 0) {
    const auto end = (request.due == monotonic_time{} ? now : request.due) + wishes.time_limit;
    config.deadline =
        std::min(config.deadline, std::chrono::duration_cast<milliseconds>(end - now));
    config.deadline = std::max(config.deadline, milliseconds{1});
  }
  if (wishes.echoes != 0) {
    config.count = wishes.echoes;
    config.timeout = config.deadline;
  }
  config.timeout = std::min(config.timeout, config.deadline);
  own->plan = {config.count, config.mode, config.interval, config.timeout};
  own->filler = base.filler;
  own->endpoints = base.endpoints;
  own->problems = base.problems;
  own->opened_at = base.opened_at;
  own->story = std::make_unique<lane_story>();
  own->story->request = request.ad_hoc;
  own->story->begun = now;
  own->story->add_line("Resolving target address", {{"target", request.target->uid.address}});
  return own;
}

void lane_story::add_line(std::string text,
                          std::vector<std::pair<std::string, std::string>> fields) {
  if (request->with_lines) {
    told.lines.push_back({monotonic_clock::now() - begun, std::move(text), std::move(fields)});
  }
}

void engine_loop::open_missing(lane& l) {
  const monotonic_time now = monotonic_clock::now();
  if (l.opened_at != monotonic_time{} && now - l.opened_at < reopen_after) {
    return;
  }
  l.opened_at = now;
  echo_socket_options options;
  options.kind = l.config.socket;
  options.ttl = l.config.ttl;
  options.dscp = l.config.dscp;
  options.may_fragment = may_need_fragments(l.config);
  options.receive_buffer = options_.receive_buffer;
  options.send_buffer = options_.send_buffer;
  if (!l.config.source.empty()) {
    const parsed_target source = parse_target(l.config.source);
    if (source.kind != target_kind::address) {
      l.problems.fill("icmp.source \"" + l.config.source + "\" is not a numeric address");
      return;
    }
    options.source = source.address;
  }
  for (const ip_family family : families) {
    const auto i = static_cast<std::size_t>(family);
    if (l.endpoints[i]) {
      continue;
    }
    l.problems[i].clear();
    echo_socket opened = echo_socket::open(family, options, l.problems[i]);
    if (opened.is_open()) {
      l.endpoints[i] = std::make_shared<endpoint>(io_, std::move(opened));
      endpoints_.push_back(l.endpoints[i]);
    }
  }
}

void engine_loop::drop_unused_endpoints() {
  const auto unused = [](const std::shared_ptr<endpoint>& via) { return via.use_count() == 1; };
  std::erase_if(endpoints_, unused);
}

socket_status engine_loop::sockets() const {
  socket_status status;
  for (const ip_family family : families) {
    const auto i = static_cast<std::size_t>(family);
    if (const auto& via = current_->endpoints[i]) {
      status.available = true;
      status.raw = status.raw || via->socket.is_raw();
    } else if (status.problem.find(current_->problems[i]) == std::string::npos) {
      status.problem += status.problem.empty() ? "" : "; ";
      status.problem += current_->problems[i];
    }
  }
  return status;
}

void engine_loop::reconfigure(settings config) {
  if (stopping_) {
    return;
  }
  const bool other_dns = config.dns != dns_;
  make_lanes(std::move(config));
  if (resolver_ && other_dns) {
    resolver_->reconfigure(dns_);
  }
  const socket_status status = sockets();
  if (!status.available) {
    log::warn("icmp", "no socket for the new configuration", {{"problem", status.problem}});
  }
  request_pump();
}

dns::resolver::ticket engine_loop::resolve(const std::string& host, ip_family preferred,
                                           std::function<void(resolved_host)> done) {
  if (options_.resolve) {
    options_.resolve(host, preferred, std::move(done));
    return {};
  }
  if (!resolver_) {
    resolver_ = std::make_unique<dns::resolver>(io_.get_executor(), dns_);
  }
  return resolver_->resolve(
      host, preferred, [done = std::move(done)](const dns::resolve_answer& answer) {
        resolved_host host_answer{answer.error, answer.detail, {}, answer.cached, answer.waited};
        host_answer.addresses.reserve(answer.addresses.size());
        for (const auto& address : answer.addresses) {
          host_answer.addresses.push_back(address.to_string());
        }
        done(std::move(host_answer));
      });
}

} // namespace xprober::icmp
