#pragma once

#include "xprober/probes/presenter.hpp"

namespace xprober::http {

/// How HTTP probes are shown.
class presenter final : public kind_presenter {
public:
  presenter();

  /// Status, version, redirects, certificate and phases.
  void facts(const probe_outcome& outcome, fact_sink& out) const override;

  /// As blackbox_exporter has them.
  void gauges(const probe_outcome& outcome, const probe_story& story,
              gauge_sink& out) const override;

  /// Phases, status, redirects, the certificate's end and what TLS agreed on.
  void target_gauges(const probe_outcome& outcome, gauge_sink& out) const override;

  /// The first phase that was not completed, unless what failed is the way that redirects took.
  std::string_view failed_phase(const probe_outcome& outcome) const override;

  /// "status 200, resolve 0.10, connect 0.22 ms".
  std::string summary(const probe_outcome& outcome) const override;

  /// "status 200 · 1 redirect".
  std::string remark(const probe_outcome& outcome) const override;
};

} // namespace xprober::http
