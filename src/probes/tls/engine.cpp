#include "xprober/probes/tls/engine.hpp"

#include <utility>

#include "xprober/domain/kind_table.hpp"
#include "xprober/probes/stream/simple_plan.hpp"
#include "xprober/probes/tls/session.hpp"

namespace xprober::tls {

std::unique_ptr<probe_engine> make_engine(const agent_config& config,
                                          stream::engine_options options) {
  const auto make = [](const tls_probe_config& section, const agent_config&) {
    return std::make_shared<const probe_settings>(section);
  };
  return std::make_unique<stream::engine>(
      stream::simple_kind<session>(kinds::tls(), &kind_settings::tls, make), config,
      std::move(options));
}

} // namespace xprober::tls
