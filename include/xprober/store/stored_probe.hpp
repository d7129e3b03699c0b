#pragma once

#include "xprober/domain/kind.hpp"
#include "xprober/store/store_failures.hpp"
#include "xprober/store/store_values.hpp"

namespace xprober {

/// One probe as it enters the store.
struct stored_probe {
  probe_values values; ///< none of the prober's own fault, but the kind and the stamp
  probe_state state = probe_state::ok;
  store_failures::texts failure{}; ///< of what did not succeed; texts may be empty
};

} // namespace xprober
