#include "xprober/probes/tls/presenter.hpp"

#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/time_text.hpp"
#include "xprober/probes/stream/tls_details.hpp"
#include "xprober/probes/stream/tls_presenter.hpp"

namespace xprober::tls {

presenter::presenter() : kind_presenter(kinds::tls()) {}

void presenter::facts(const probe_outcome& outcome, fact_sink& out) const {
  kind_presenter::facts(outcome, out);
  stream::put_tls_object(outcome, out);
}

void presenter::gauges(const probe_outcome& outcome, const probe_story&, gauge_sink& out) const {
  put_phase_gauges(outcome, "Duration of TLS probe by phase", out);
  stream::put_tls_gauges_of(outcome, out);
}

std::string presenter::remark(const probe_outcome& outcome) const {
  const auto* tls = stream::tls_of(outcome);
  if (tls == nullptr) {
    return {};
  }
  return stream::tls_version_label(tls->version) + ", certificate until " +
         rfc3339(tls->earliest_expiry_unix);
}

} // namespace xprober::tls
