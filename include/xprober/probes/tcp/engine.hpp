#pragma once

#include <memory>

#include "xprober/probes/stream/engine.hpp"

namespace xprober::tcp {

/// An engine that probes HOST:PORT over TCP. Of `config` it takes `tcp`, the modules built on it,
/// and `resolver`. Throws std::runtime_error that names the key of what cannot be used.
std::unique_ptr<probe_engine> make_engine(const agent_config& config,
                                          stream::engine_options options = {});

} // namespace xprober::tcp
