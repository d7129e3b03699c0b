#include "xprober/probes/dns/engine.hpp"

#include <utility>

#include "xprober/domain/kind_table.hpp"
#include "xprober/probes/dns/session.hpp"
#include "xprober/probes/stream/simple_plan.hpp"

namespace xprober::dns_query {

std::unique_ptr<probe_engine> make_engine(const agent_config& config,
                                          stream::engine_options options) {
  const auto make = [](const dns_probe_config& section, const agent_config& all) {
    return std::make_shared<const probe_settings>(section, all.resolver);
  };
  auto kind = stream::simple_kind<session>(kinds::dns(), &kind_settings::dns, make);
  // The resolvers' own counters are in the same section.
  kind.names = {.yielded = "probes_yielded", .queued_slow = "probes_queued_slow"};
  return std::make_unique<stream::engine>(std::move(kind), config, std::move(options));
}

} // namespace xprober::dns_query
