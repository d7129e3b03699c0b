#include "xprober/probes/http/summary.hpp"

namespace xprober {

std::string_view to_string(http_phase phase) noexcept {
  switch (phase) {
  case http_phase::resolve: return "resolve";
  case http_phase::connect: return "connect";
  case http_phase::tls: return "tls";
  case http_phase::processing: return "processing";
  case http_phase::transfer: return "transfer";
  }
  return "unknown";
}

} // namespace xprober
