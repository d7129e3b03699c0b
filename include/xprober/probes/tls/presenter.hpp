#pragma once

#include "xprober/probes/presenter.hpp"

namespace xprober::tls {

/// How TLS probes are shown.
class presenter final : public kind_presenter {
public:
  presenter();

  /// The columns, and what was learnt of TLS.
  void facts(const probe_outcome& outcome, fact_sink& out) const override;

  /// As blackbox_exporter has them, and the phases.
  void gauges(const probe_outcome& outcome, const probe_story& story,
              gauge_sink& out) const override;

  /// "TLS 1.3, certificate until 2027-01-02T03:04:05Z".
  std::string remark(const probe_outcome& outcome) const override;
};

} // namespace xprober::tls
