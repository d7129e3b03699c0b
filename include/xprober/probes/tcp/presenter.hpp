#pragma once

#include "xprober/probes/presenter.hpp"

namespace xprober::tcp {

/// How TCP probes are shown.
class presenter final : public kind_presenter {
public:
  presenter();

  /// The columns, and what was learnt of TLS.
  void facts(const probe_outcome& outcome, fact_sink& out) const override;

  /// As blackbox_exporter has them, and the phases.
  void gauges(const probe_outcome& outcome, const probe_story& story,
              gauge_sink& out) const override;
};

} // namespace xprober::tcp
