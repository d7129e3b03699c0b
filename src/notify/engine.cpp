#include "xprober/notify/engine.hpp"

#include <chrono>
#include <map>
#include <utility>

#include "receiver.hpp"
#include "xprober/net/sender_set.hpp"

namespace xprober::notify {

namespace {

/// For a request that is on its way when all is stopped, and the note of it.
constexpr std::chrono::seconds last_request{2};

} // namespace

struct engine::impl {
  impl(caf::actor g, incidents_actor i, stats_actor s)
      : gateway(std::move(g)), incidents(std::move(i)), stats(std::move(s)) {}

  std::shared_ptr<alert_receiver> make(asio::io_context& io, const receiver_setup& setup) {
    auto made = std::make_shared<alert_receiver>(io, setup, gateway, incidents, stats);
    made->start_after(std::exchange(last_of[setup.name], made));
    return made;
  }

  caf::actor gateway;
  incidents_actor incidents;
  stats_actor stats;
  std::map<std::string, std::weak_ptr<alert_receiver>> last_of; ///< by name; of the thread
  net::sender_set<alert_receiver, receiver_setup> receivers{
      "notify", [this](asio::io_context& io, const receiver_setup& s) { return make(io, s); },
      [this](const receiver_setup& s) { caf::anon_send(stats, notify_report{s.name, true, {}}); },
      last_request};
};

engine::engine(caf::actor gateway, incidents_actor incidents, stats_actor stats)
    : impl_(std::make_unique<impl>(std::move(gateway), std::move(incidents), std::move(stats))) {}

engine::~engine() { stop(); }

std::string engine::check(const alerts_config& config) {
  return net::check_receivers<receiver_connection>(receivers_of(config));
}

std::vector<std::string> engine::receivers(const alerts_config& config) {
  std::vector<std::string> names;
  for (const auto& setup : receivers_of(config)) {
    names.push_back(setup.name);
  }
  return names;
}

void engine::set(const alerts_config& config) { impl_->receivers.set(receivers_of(config)); }

void engine::stop() {
  impl_->receivers.stop();
  impl_->gateway = nullptr;
  impl_->incidents = nullptr;
}

} // namespace xprober::notify
