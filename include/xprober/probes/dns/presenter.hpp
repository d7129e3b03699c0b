#pragma once

#include "xprober/probes/presenter.hpp"

namespace xprober::dns_query {

/// How DNS probes are shown.
class presenter final : public kind_presenter {
public:
  presenter();

  /// The columns, the response code, the records, and what was learnt of TLS.
  void facts(const probe_outcome& outcome, fact_sink& out) const override;

  /// As blackbox_exporter has them, and the phases.
  void gauges(const probe_outcome& outcome, const probe_story& story,
              gauge_sink& out) const override;

  /// "2 answers, lowest TTL 60 s", or the code where it is not NOERROR.
  std::string remark(const probe_outcome& outcome) const override;
};

} // namespace xprober::dns_query
