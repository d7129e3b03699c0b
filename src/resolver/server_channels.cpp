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
    usual_ = make(options, channel_settings{});
  }
  return *usual_;
}

ares_channel& server_channels::believing(const resolver_options& options) {
  if (!believing_) {
    channel_settings how;
    how.believe_failures = true;
    believing_ = make(options, std::move(how));
  }
  return *believing_;
}

ares_channel& server_channels::over_tcp(const resolver_options& options) {
  if (!over_tcp_) {
    channel_settings how;
    how.over_tcp = true;
    over_tcp_ = make(options, std::move(how));
  }
  return *over_tcp_;
}

void server_channels::retire() {
  std::erase_if(retired_, [](const auto& channel) { return channel.expired(); });
  for (auto* old : {&usual_, &believing_, &over_tcp_}) {
    if (*old) {
      retired_.push_back(std::exchange(*old, nullptr));
    }
  }
}

void server_channels::close() {
  for (const auto& channel : {usual_, believing_, over_tcp_}) {
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
                                                    channel_settings how) const {
  how.servers = options.servers;
  how.timeout = options.timeout;
  how.attempts = options.attempts;
  return std::make_shared<ares_channel>(executor_, how);
}

} // namespace xprober::dns
