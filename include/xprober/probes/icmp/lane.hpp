#pragma once

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "xprober/domain/config.hpp"
#include "xprober/domain/target_limits.hpp"
#include "xprober/probes/ad_hoc.hpp"
#include "xprober/probes/icmp/echo_probe.hpp"
#include "xprober/probes/icmp/endpoint.hpp"
#include "xprober/probes/icmp/packet.hpp"
#include "xprober/probes/icmp/share_table.hpp"
#include "xprober/probes/icmp/summary.hpp"
#include "xprober/probes/probe_engine.hpp"

namespace xprober::icmp {

/// What a probe that somebody asked for tells. Such a probe has a lane to itself.
class lane_story {
public:
  lane_story(std::shared_ptr<const ad_hoc_request> request, monotonic_time now);

  /// A step, if somebody wants lines.
  void line(std::string text, std::vector<std::pair<std::string, std::string>> fields = {});
  /// The name was resolved after `took`.
  void resolved(std::string address, nanoseconds took, monotonic_time now);
  void sent(std::uint32_t number, monotonic_time at);
  void answered(const echo_answer& answer);
  monotonic_time begun() const noexcept { return begun_; }

  /// Tells it, once, to who asked.
  void tell(const probe_outcome& outcome);

private:
  std::shared_ptr<const ad_hoc_request> request_;
  probe_story told_;
  std::shared_ptr<icmp_story> more_ = std::make_shared<icmp_story>(); ///< of what is told
  monotonic_time begun_{};
  monotonic_time resolved_{};
  bool sent_ = false; ///< its first echo has left
};

/// One configuration, the sockets that were opened for it, and the addresses that were probed with
/// it. Probes keep theirs to their end; configurations that need the same sockets share them.
struct lane {
  /// `config` in range; `share_period` as in `settings`.
  lane(icmp_config config, nanoseconds share_period);

  /// For a probe that somebody asks for: with what it wishes, and sharing the sockets alone.
  lane(const lane& base, const probe_request& request, monotonic_time now);

  const std::shared_ptr<endpoint>& endpoint_for(const host_address& address) const noexcept {
    return endpoints[static_cast<std::size_t>(address.family)];
  }
  const std::string& problem_of(const host_address& address) const noexcept {
    return problems[static_cast<std::size_t>(address.family)];
  }
  /// Takes over the sockets of another lane.
  void share_sockets(const lane& other);

  icmp_config config;
  probe_plan plan;
  echo_filler filler;
  std::array<std::shared_ptr<endpoint>, 2> endpoints; ///< by ip_family; null: see `problems`
  std::array<std::string, 2> problems;
  monotonic_time opened_at{}; ///< when opening was last tried
  share_table shares;
  std::unique_ptr<lane_story> story; ///< of a lane that one probe has to itself
  target_limits_ptr limits{};        ///< likewise: whom it may be sent to, beside those of all
};

} // namespace xprober::icmp
