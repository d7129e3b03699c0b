#include "xprober/probes/http/engine.hpp"

#include <memory>
#include <utility>

#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/recycler.hpp"
#include "xprober/probes/http/session.hpp"

namespace xprober::http {

namespace {

class http_plan final : public stream::plan {
public:
  http_plan(const http_config& config, const std::string& user_agent)
      : settings_(make_settings(config, user_agent)) {}

  std::shared_ptr<stream::session> begin(const stream::services& use,
                                         stream::job&& work) const override {
    return make_recycled<session>(use, settings_, std::move(work));
  }

  milliseconds timeout() const noexcept override { return settings_->config.timeout; }

private:
  std::shared_ptr<const probe_settings> settings_;
};

stream::engine_kind kind_of(std::string user_agent) {
  if (user_agent.empty()) {
    user_agent = "xprober/" XPROBER_VERSION;
  }
  return {
      .kind = &kinds::http(),
      .make = [user_agent = std::move(user_agent)](const kind_settings& config, const agent_config&)
          -> stream::plan_ptr { return std::make_shared<http_plan>(config.http, user_agent); },
      .max_in_flight = [](const kind_settings& config) { return config.http.max_in_flight; },
      // In the order of `own_count`.
      .counters = {{.name = "redirects", .help = "Redirects followed."},
                   {.name = "body_bytes", .help = "Bytes of bodies read."}},
  };
}

} // namespace

engine::engine(const agent_config& config, const engine_options& options)
    : stream::engine(kind_of(options.user_agent), config, options) {}

} // namespace xprober::http
