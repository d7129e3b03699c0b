#include "xprober/resolver/server_channels.hpp"

#include <system_error>

namespace xprober::dns {

namespace {

constexpr milliseconds config_check_interval{1000};
constexpr const char* resolv_conf = "/etc/resolv.conf";

} // namespace

ares_channel& server_channels::usual(const resolver_options& options) {
  const auto now = monotonic_clock::now();
  if (usual_ && (!options.servers.empty() || now - config_checked_ < config_check_interval)) {
    return *usual_;
  }
  config_checked_ = now;
  std::error_code missing;
  const auto changed = std::filesystem::last_write_time(resolv_conf, missing);
  if (!usual_ || (!missing && changed != config_time_)) {
    config_time_ = changed;
    retire();
    usual_ = make(options, false);
  }
  return *usual_;
}

ares_channel& server_channels::believing(const resolver_options& options) {
  if (!believing_) {
    believing_ = make(options, true);
  }
  return *believing_;
}

void server_channels::retire() {
  std::erase_if(retired_, [](const auto& channel) { return channel.expired(); });
  for (auto* old : {&usual_, &believing_}) {
    if (*old) {
      retired_.push_back(std::exchange(*old, nullptr));
    }
  }
}

void server_channels::close() {
  for (const auto& channel : {usual_, believing_}) {
    if (channel) {
      channel->close();
    }
  }
  for (const auto& weak : retired_) {
    if (const auto channel = weak.lock()) {
      channel->close();
    }
  }
}

std::shared_ptr<ares_channel> server_channels::make(const resolver_options& options,
                                                    bool believe_failures) const {
  return std::make_shared<ares_channel>(executor_,
                                        channel_settings{.servers = options.servers,
                                                         .timeout = options.timeout,
                                                         .attempts = options.attempts,
                                                         .believe_failures = believe_failures});
}

} // namespace xprober::dns
