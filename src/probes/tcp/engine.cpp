#include "xprober/probes/tcp/engine.hpp"

#include <utility>

#include "xprober/domain/kind_table.hpp"
#include "xprober/probes/stream/simple_plan.hpp"
#include "xprober/probes/tcp/session.hpp"

namespace xprober::tcp {

std::unique_ptr<probe_engine> make_engine(const agent_config& config,
                                          stream::engine_options options) {
  const auto make = [](const tcp_probe_config& section, const agent_config&) {
    return std::make_shared<const probe_settings>(section);
  };
  return std::make_unique<stream::engine>(
      stream::simple_kind<session>(kinds::tcp(), &kind_settings::tcp, make), config,
      std::move(options));
}

} // namespace xprober::tcp
