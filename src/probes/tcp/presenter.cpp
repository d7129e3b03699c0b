#include "xprober/probes/tcp/presenter.hpp"

#include "xprober/domain/kind_table.hpp"
#include "xprober/probes/stream/tls_presenter.hpp"

namespace xprober::tcp {

presenter::presenter() : kind_presenter(kinds::tcp()) {}

void presenter::facts(const probe_outcome& outcome, fact_sink& out) const {
  kind_presenter::facts(outcome, out);
  stream::put_tls_object(outcome, out);
}

void presenter::gauges(const probe_outcome& outcome, const probe_story&, gauge_sink& out) const {
  // Where the stream ends without the line that is expected.
  const bool by_regex =
      outcome.error == probe_error::bad_answer || outcome.error == probe_error::early_close;
  out.single("probe_failed_due_to_regex", "Indicates if probe failed due to regex",
             by_regex ? 1 : 0);
  put_phase_gauges(outcome, "Duration of TCP probe by phase", out);
  stream::put_tls_gauges_of(outcome, out);
}

} // namespace xprober::tcp
