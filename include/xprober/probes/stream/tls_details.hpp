#pragma once

#include <memory>

#include "xprober/domain/probe_result.hpp"
#include "xprober/probes/stream/tls_summary.hpp"

namespace xprober::stream {

/// What a probe learnt of TLS, where the columns do not say it.
struct tls_details : probe_details {
  std::shared_ptr<const tls_summary> tls; ///< null: no certificate was seen
};

/// Of an outcome whose details are, or derive from, `tls_details`; null: nothing was learnt.
inline const tls_summary* tls_of(const probe_outcome& outcome) {
  const auto* details = dynamic_cast<const tls_details*>(outcome.details.get());
  return details != nullptr ? details->tls.get() : nullptr;
}

} // namespace xprober::stream
