#pragma once

#include <string>

#include "xprober/probes/stream/engine.hpp"

namespace xprober::http {

struct engine_options : stream::engine_options {
  std::string user_agent; ///< empty: "xprober/VERSION"
};

/// Probes http and https URLs.
class engine final : public stream::engine {
public:
  /// Starts the thread. Of `config` it takes `http`, whose `max_in_flight` is the engine's, the
  /// modules built on it, and `resolver`. Throws std::runtime_error that names the key of what
  /// cannot be used, as `make_settings` does.
  explicit engine(const agent_config& config, const engine_options& options = {});
};

} // namespace xprober::http
