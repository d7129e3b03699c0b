#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "xprober/domain/address.hpp"
#include "xprober/probes/stream/line_reader.hpp"
#include "xprober/probes/stream/session.hpp"
#include "xprober/probes/tcp/steps.hpp"

namespace xprober::tcp {

/// What all probes of one configuration share. Never changes.
struct probe_settings {
  tcp_probe_config config;
  std::vector<step> steps;
  std::optional<stream::tls_context> tls; ///< where TLS can come to be spoken

  /// Throws std::runtime_error that names the key of what cannot be used.
  explicit probe_settings(const tcp_probe_config& from);
};

/// One TCP probe: a connection, TLS where it is wanted, and the steps of an exchange.
class session final : public stream::session {
public:
  session(const stream::services& use, std::shared_ptr<const probe_settings> settings,
          stream::job&& work);

protected:
  stream::task<void> probe() override;
  void measured(bool ok) override;

private:
  stream::task<bool> exchange();
  stream::task<bool> expect(const step& next, std::string& answer);
  stream::task<bool> start_tls();
  bool fail_expecting(const step& next, const stream::error_code& error);
  bool fail_stream(const stream::error_code& error, const std::string& what);

  std::shared_ptr<const probe_settings> settings_;
  std::string whom_; ///< the target, for messages
  host_port target_;
  stream::line_reader lines_;
  std::string last_line_;
  bool any_line_ = false; ///< since the step began
  std::uint32_t steps_done_ = 0;
  nanoseconds handshakes_{0}; ///< no time of the exchange
};

} // namespace xprober::tcp
