#include "xprober/probes/tls/session.hpp"

#include <array>
#include <utility>

#include <boost/asio/error.hpp>

#include "xprober/domain/kind_table.hpp"
#include "xprober/probes/stream/faults.hpp"
#include "xprober/probes/stream/tls_details.hpp"
#include "xprober/probes/tls/starttls.hpp"

namespace xprober::tls {

using stream::error_code;
using stream::task;

namespace column = kinds::tls_column;

probe_settings::probe_settings(const tls_probe_config& from)
    : config(from), tls(stream::tls_options_of(config.tls_config, "tls.tls_config")) {}

task<void> session::probe() {
  const auto& config = settings_->config;
  whom_ = request().target->uid.address;
  auto parsed = host_and_port();
  if (!parsed) {
    co_return;
  }
  target_ = std::move(*parsed);
  const stream::family_wish wish{config.preferred_ip_protocol, config.ip_protocol_fallback};
  bool ok = co_await made(settings_->tls, whom_);
  if (ok) {
    ok = co_await open(target_.host, target_.port, wish, whom_, column::resolve);
  }
  if (!ok && outcome_.error == probe_error::reset && config.starttls == starttls_protocol::none) {
    // It stood, and was reset at once: a moment later the handshake would have met that.
    outcome_.error = probe_error::tls_failed;
  }
  if (ok) {
    ok = co_await start_tls();
  }
  if (ok) {
    const auto& named = config.tls_config.server_name;
    ok = co_await secure(settings_->tls, named.empty() ? target_.host : named, whom_, column::tls);
  }
  outcome_.success = ok;
  if (ok) {
    peer_closes_ = connection_.end_tls();
  }
}

task<bool> session::start_tls() {
  if (settings_->config.starttls == starttls_protocol::none) {
    phase_done(column::starttls, nanoseconds{0});
    co_return true;
  }
  const auto since = monotonic_clock::now();
  starttls_dialog dialog{settings_->config.starttls};
  std::array<char, 4096> part;
  while (dialog.now() == starttls_dialog::state::reading) {
    if (const auto text = dialog.take_output(); !text.empty()) {
      const auto error = co_await connection_.write(text);
      if (is_over()) {
        co_return fail_over(whom_, "starttls", probe_error::deadline);
      }
      if (error) {
        co_return fail_talking(error);
      }
    }
    const auto got = co_await connection_.read(part);
    if (is_over()) {
      co_return fail_over(whom_, "starttls", probe_error::deadline);
    }
    if (got.error) {
      co_return fail_talking(got.error);
    }
    dialog.feed({part.data(), got.bytes});
  }
  if (dialog.now() == starttls_dialog::state::failed) {
    co_return fail(probe_error::starttls_failed,
                   whom_ + ": " + std::string{to_string(settings_->config.starttls)} + ": " +
                       dialog.problem());
  }
  phase_done(column::starttls, monotonic_clock::now() - since);
  co_return true;
}

bool session::fail_talking(const error_code& error) {
  const auto why =
      error == boost::asio::error::eof ? "the server closed the connection" : error.message();
  return fail(stream::stream_fault(error), whom_ + ": " +
                                               std::string{to_string(settings_->config.starttls)} +
                                               " before TLS: " + why);
}

void session::measured(bool) {
  if (!report().seen) {
    return;
  }
  auto& values = outcome_.values;
  const auto& tls = report().summary;
  const auto put = [&](std::size_t place, std::int64_t time) {
    if (time > 0) {
      values.set_whole(place, static_cast<std::uint64_t>(time));
    }
  };
  put(column::cert_expiry, tls.earliest_expiry_unix);
  put(column::chain_expiry, tls.chain_expiry_unix);
  put(column::own_expiry, tls.expiry_unix);
  auto details = std::make_shared<stream::tls_details>();
  details->tls = std::make_shared<const tls_summary>(tls);
  outcome_.details = std::move(details);
}

} // namespace xprober::tls
