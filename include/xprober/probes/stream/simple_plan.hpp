#pragma once

#include <memory>
#include <utility>

#include "xprober/probes/stream/plan.hpp"

namespace xprober::stream {

/// The plan of a kind whose settings have a `config` with a `timeout`, and whose sessions are made
/// of services, settings and the job.
template <class Session, class Settings>
class simple_plan final : public plan {
public:
  explicit simple_plan(std::shared_ptr<const Settings> settings) : settings_(std::move(settings)) {}

  std::shared_ptr<session> begin(const services& use, job work) const override {
    return std::make_shared<Session>(use, settings_, std::move(work));
  }

  milliseconds timeout() const noexcept override { return settings_->config.timeout; }

private:
  std::shared_ptr<const Settings> settings_;
};

/// A kind whose sections are the members `section` of agent_config and of module_config.
/// `make_settings(section, whole configuration)` gives a shared_ptr to them.
template <class Session, class Section, class MakeSettings>
engine_kind simple_kind(const probe_kind& kind, Section agent_config::* of_agent,
                        Section module_config::* of_module, MakeSettings make_settings) {
  return {
      .kind = &kind,
      .make = [=](const module_config& config, const agent_config& all) -> plan_ptr {
        auto settings = make_settings(config.*of_module, all);
        using settings_type = typename decltype(settings)::element_type;
        return std::make_shared<simple_plan<Session, std::remove_const_t<settings_type>>>(
            std::move(settings));
      },
      .own =
          [=](const agent_config& config) {
            module_config own;
            own.*of_module = config.*of_agent;
            return own;
          },
      .max_in_flight = [=](const agent_config& config) { return (config.*of_agent).max_in_flight; },
      .counters = {},
  };
}

} // namespace xprober::stream
