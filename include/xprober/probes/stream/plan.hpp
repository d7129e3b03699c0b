#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "xprober/domain/config.hpp"
#include "xprober/probes/stream/session.hpp"

namespace xprober::stream {

/// What one section of a configuration stands for, of the kind's own or of a module: read and
/// compiled once. Never changes; a probe keeps what it began with.
class plan {
public:
  virtual ~plan() = default;

  /// A session for one probe, which holds on to this.
  virtual std::shared_ptr<session> begin(const services& use, job&& work) const = 0;

  /// What a probe may take.
  virtual milliseconds timeout() const noexcept = 0;
};

using plan_ptr = std::shared_ptr<const plan>;

/// What makes a kind of probes of the engine that all kinds over connections share.
struct engine_kind {
  const probe_kind* kind = nullptr;
  /// The plan of the kind's section in `config`, which is the whole configuration `all` or one of
  /// its modules. May throw std::exception that names the key of what cannot be used, from the
  /// section's name on.
  std::function<plan_ptr(const kind_settings& config, const agent_config& all)> make;
  /// At most so many probes at a time.
  std::function<std::uint32_t(const kind_settings& config)> max_in_flight;
  std::vector<named_counter> counters{}; ///< of its own, see `stream_counters::own`
  counter_names names{};
};

} // namespace xprober::stream
