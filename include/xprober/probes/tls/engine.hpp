#pragma once

#include <memory>

#include "xprober/probes/stream/engine.hpp"

namespace xprober::tls {

/// An engine that shakes hands with HOST:PORT. Of `config` it takes `tls`, the modules built on it,
/// and `resolver`. Throws std::runtime_error that names the key of what cannot be used.
std::unique_ptr<probe_engine> make_engine(const agent_config& config,
                                          stream::engine_options options = {});

} // namespace xprober::tls
