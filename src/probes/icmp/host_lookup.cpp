#include "xprober/probes/icmp/host_lookup.hpp"

#include <utility>

#include <boost/asio/ip/address.hpp>

namespace xprober::icmp {

void host_lookup::take(const resolver_config& config) {
  if (config != config_) {
    config_ = config;
    if (own_) {
      own_->reconfigure(config_);
    }
  }
}

dns::resolver::ticket host_lookup::resolve(const std::string& host, ip_family preferred,
                                           std::function<void(resolved_host)> done) {
  if (hook_) {
    hook_(host, preferred, std::move(done));
    return {};
  }
  if (!own_) {
    own_ = std::make_unique<dns::resolver>(io_.get_executor(), config_);
  }
  return own_->resolve(host, preferred, [done = std::move(done)](const dns::resolve_answer& from) {
    resolved_host answer{from.error, from.detail, {}, from.cached, from.waited};
    answer.addresses.reserve(from.addresses.size());
    for (const auto& address : from.addresses) {
      answer.addresses.push_back(address.to_string());
    }
    done(std::move(answer));
  });
}

void host_lookup::stop() {
  if (own_) {
    own_->stop();
  }
}

} // namespace xprober::icmp
