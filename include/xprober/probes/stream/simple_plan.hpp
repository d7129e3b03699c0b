#pragma once

#include <memory>
#include <utility>

#include "xprober/domain/recycler.hpp"
#include "xprober/probes/stream/plan.hpp"

namespace xprober::stream {

/// The plan of a kind whose settings have a `config` with a `timeout`, and whose sessions are made
/// of services, settings and the job.
template <class Session, class Settings>
class simple_plan final : public plan {
public:
  explicit simple_plan(std::shared_ptr<const Settings> settings) : settings_(std::move(settings)) {}

  std::shared_ptr<session> begin(const services& use, job&& work) const override {
    return make_recycled<Session>(use, settings_, std::move(work));
  }

  milliseconds timeout() const noexcept override { return settings_->config.timeout; }

private:
  std::shared_ptr<const Settings> settings_;
};

/// A kind with a section of its own in `kind_settings`. `make_settings(section, whole
/// configuration)` gives a shared_ptr to what is made of it.
template <class Session, class Section, class MakeSettings>
engine_kind simple_kind(const probe_kind& kind, Section kind_settings::* section,
                        MakeSettings make_settings) {
  return {
      .kind = &kind,
      .make = [=](const kind_settings& config, const agent_config& all) -> plan_ptr {
        auto settings = make_settings(config.*section, all);
        using settings_type = typename decltype(settings)::element_type;
        return std::make_shared<simple_plan<Session, std::remove_const_t<settings_type>>>(
            std::move(settings));
      },
      .max_in_flight = [=](const kind_settings& all) { return (all.*section).max_in_flight; },
  };
}

} // namespace xprober::stream
