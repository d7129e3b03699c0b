#include "xprober/app/probers.hpp"

#include "xprober/actors/actor_round.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/probes/dns/engine.hpp"
#include "xprober/probes/dns/presenter.hpp"
#include "xprober/probes/http/engine.hpp"
#include "xprober/probes/http/presenter.hpp"
#include "xprober/probes/icmp/engine.hpp"
#include "xprober/probes/icmp/presenter.hpp"
#include "xprober/probes/tcp/engine.hpp"
#include "xprober/probes/tcp/presenter.hpp"
#include "xprober/probes/tls/engine.hpp"
#include "xprober/probes/tls/presenter.hpp"

// The only place that knows which engines there are.
namespace xprober::app {

namespace {

template <class Engine, class Options>
std::unique_ptr<probe_engine> make(const engine_setup& setup) {
  Options options;
  options.report = setup.report;
  if constexpr (requires { options.frame; }) {
    options.frame = {actor_round::open, actor_round::close};
  }
  return std::make_unique<Engine>(*setup.config, std::move(options));
}

template <auto Make>
std::unique_ptr<probe_engine> made_by(const engine_setup& setup) {
  stream::engine_options options;
  options.report = setup.report;
  return Make(*setup.config, std::move(options));
}

template <class Presenter>
const kind_presenter& presenter() {
  static const Presenter only;
  return only;
}

} // namespace

const std::vector<prober_entry>& builtin_probers() {
  static const std::vector<prober_entry> all{
      {&kinds::icmp(), &presenter<icmp::presenter>(), make<icmp::engine, icmp::engine_options>},
      {&kinds::http(), &presenter<http::presenter>(), make<http::engine, http::engine_options>},
      {&kinds::tcp(), &presenter<tcp::presenter>(), made_by<tcp::make_engine>},
      {&kinds::tls(), &presenter<tls::presenter>(), made_by<tls::make_engine>},
      {&kinds::dns(), &presenter<dns_query::presenter>(), made_by<dns_query::make_engine>},
  };
  return all;
}

presenter_table presenters_of(const std::vector<prober_entry>& probers) {
  std::vector<const kind_presenter*> all;
  all.reserve(probers.size());
  for (const auto& prober : probers) {
    all.push_back(prober.presenter);
  }
  return presenter_table{std::move(all)};
}

const prober_entry* find_prober(const std::vector<prober_entry>& probers, const probe_kind& kind) {
  for (const auto& prober : probers) {
    if (prober.kind == &kind) {
      return &prober;
    }
  }
  return nullptr;
}

} // namespace xprober::app
