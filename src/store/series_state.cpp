#include "xprober/store/series_state.hpp"

namespace xprober {

std::string_view to_string(series_state state) noexcept {
  switch (state) {
  case series_state::never: return "never";
  case series_state::ok: return "ok";
  case series_state::degraded: return "degraded";
  case series_state::failing: return "failing";
  case series_state::prober_fault: return "prober_fault";
  case series_state::stale: return "stale";
  }
  return "unknown";
}

} // namespace xprober
