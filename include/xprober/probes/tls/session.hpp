#pragma once

#include <memory>
#include <string>

#include "xprober/domain/address.hpp"
#include "xprober/probes/stream/session.hpp"

namespace xprober::tls {

/// What all probes of one configuration share. Never changes.
struct probe_settings {
  tls_probe_config config;
  stream::tls_context tls;

  /// Throws std::runtime_error that names the key of what cannot be used.
  explicit probe_settings(const tls_probe_config& from);
};

/// One TLS probe: a connection, the talk before TLS where there is one, and the handshake.
class session final : public stream::session {
public:
  session(const stream::services& use, std::shared_ptr<const probe_settings> settings,
          stream::job&& work)
      : stream::session(use, std::move(work), settings->config.timeout),
        settings_(std::move(settings)) {}

protected:
  stream::task<void> probe() override;
  void measured(bool ok) override;

private:
  stream::task<bool> start_tls();
  bool fail_talking(const stream::error_code& error);

  std::shared_ptr<const probe_settings> settings_;
  std::string whom_; ///< the target, for messages
  host_port target_;
};

} // namespace xprober::tls
