#include "xprober/web/agents_json.hpp"

#include <cstdint>
#include <map>
#include <utility>

#include "xprober/domain/address.hpp"
#include "xprober/domain/time_text.hpp"
#include "xprober/web/json.hpp"
#include "xprober/web/own_fault_json.hpp"

namespace xprober::web {

namespace {

bool is_loopback_host(std::string_view host) {
  const auto address = parse_ip(host);
  if (!address) {
    return host == "localhost";
  }
  return address->v6 ? to_string(*address) == "::1" : address->bytes[0] == 127;
}

bool has_lease(const agent_line& line) noexcept {
  return line.state == agent_state::ok || line.state == agent_state::late;
}

/// Which part of its region's shared targets each agent has: agents come by region, then address.
class shard_places {
public:
  explicit shard_places(const agent_listing& listing) {
    for (const auto& line : listing.agents) {
      of_[line.agent.region] += has_lease(line) ? 1U : 0U;
    }
  }

  /// Asked of all, in their order.
  json next(const agent_line& line) {
    if (!has_lease(line)) {
      return nullptr;
    }
    const auto place = ++before_[line.agent.region];
    return {{"place", place}, {"of", of_[line.agent.region]}};
  }

private:
  std::map<std::string_view, std::uint64_t> of_;
  std::map<std::string_view, std::uint64_t> before_;
};

json backlog_json(const std::optional<agent_backlog>& said) {
  if (!said) {
    return nullptr;
  }
  return {{"batches", said->batches},
          {"bytes", said->bytes},
          {"oldest_unix", said->oldest_unix > 0 ? json(said->oldest_unix) : json(nullptr)}};
}

json agent_json(const agent_line& line, json shard) {
  const auto link = agent_link(line);
  return {{"region", line.agent.region},
          {"local_ip", line.agent.local_ip},
          {"state", to_string(line.state)},
          {"peer", line.peer},
          {"first_seen", rfc3339(line.first_seen_unix)},
          {"first_seen_unix", line.first_seen_unix},
          {"last_seen", rfc3339(line.last_seen_unix)},
          {"last_seen_unix", line.last_seen_unix},
          {"last_push_unix", line.last_push_unix > 0 ? json(line.last_push_unix) : json(nullptr)},
          {"version", line.version},
          {"http_addr", line.http_addr},
          {"link", link ? json(*link) : json(nullptr)},
          {"probe_interval_ms", line.probe_interval_ms},
          {"clock_skew_ms", line.clock_skew_ms ? json(*line.clock_skew_ms) : json(nullptr)},
          {"misdated_results", line.misdated_results},
          {"refused_results", line.refused_results},
          {"shard", std::move(shard)},
          {"backlog", backlog_json(line.backlog)},
          {"lag_ms", line.backlog ? json(line.backlog->lag_ms) : json(nullptr)},
          {"answers_questions", line.answers_questions},
          {"own_faults", own_faults_json(line.own_faults)}};
}

} // namespace

std::optional<std::string> agent_link(const agent_line& line) {
  constexpr std::string_view secure = "https://";
  std::string_view said = line.http_addr;
  const bool tls = said.starts_with(secure);
  if (tls) {
    said.remove_prefix(secure.size());
  }
  std::string ignored;
  auto place = parse_host_port(said, ignored);
  if (!place || place->port == 0) {
    return std::nullopt;
  }
  // It listens everywhere: where it probes from is one of these.
  if (place->host.empty() || place->host == "0.0.0.0" || place->host == "::") {
    place->host = line.agent.local_ip;
  }
  if (is_loopback_host(place->host)) {
    const auto peer = parse_host_port(line.peer, ignored);
    if (!peer || !is_loopback_host(peer->host)) {
      return std::nullopt;
    }
  }
  return (tls ? std::string{secure} : std::string{"http://"}) + to_string(*place) + "/";
}

std::string agents_json(const agent_listing& listing, std::string_view state) {
  shard_places shards{listing};
  json lines = json::array();
  for (const auto& line : listing.agents) {
    auto shard = shards.next(line);
    if (state.empty() || to_string(line.state) == state) {
      lines.push_back(agent_json(line, std::move(shard)));
    }
  }
  json out = json::object();
  out["agents"] = std::move(lines);
  return json_text(out);
}

} // namespace xprober::web
