#pragma once

#include "xprober/probes/presenter.hpp"

namespace xprober::icmp {

/// How ICMP probes are shown.
class presenter final : public kind_presenter {
public:
  presenter();

  /// Echoes, their times and the ICMP errors that came for them.
  void facts(const probe_outcome& outcome, fact_sink& out) const override;

  /// As blackbox_exporter has them, and the share of lost echoes.
  void gauges(const probe_outcome& outcome, const probe_story& story,
              gauge_sink& out) const override;

  /// Round-trip time, loss and the TTL of the last reply.
  void target_gauges(const probe_outcome& outcome, gauge_sink& out) const override;

  /// "50 of 50 echoes, 1.50 ms".
  std::string summary(const probe_outcome& outcome) const override;

  /// "49/50 echoes · p99 1.40 · max 1.50 ms", and what was odd.
  std::string remark(const probe_outcome& outcome) const override;
};

} // namespace xprober::icmp
