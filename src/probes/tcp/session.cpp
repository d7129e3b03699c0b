#include "xprober/probes/tcp/session.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/error.hpp>

#include "xprober/domain/kind_table.hpp"
#include "xprober/probes/stream/faults.hpp"
#include "xprober/probes/stream/shown.hpp"
#include "xprober/probes/stream/tls_details.hpp"

namespace xprober::tcp {

using stream::error_code;
using stream::task;

namespace {

namespace column = kinds::tcp_column;

constexpr std::size_t max_line_shown = 80;
constexpr std::size_t max_line_told = 1000; ///< to who asks for the steps

bool speaks_tls(const tcp_probe_config& config) {
  return config.tls || std::ranges::any_of(config.query_response, &tcp_step::starttls);
}

} // namespace

probe_settings::probe_settings(const tcp_probe_config& from)
    : config(from), steps(make_steps(from.query_response)) {
  if (speaks_tls(config)) {
    tls.emplace(stream::tls_options_of(config.tls_config, "tcp.tls_config"));
  }
}

session::session(const stream::services& use, std::shared_ptr<const probe_settings> settings,
                 stream::job&& work)
    : stream::session(use, std::move(work), settings->config.timeout),
      settings_(std::move(settings)), lines_(connection_) {}

task<void> session::probe() {
  const auto& config = settings_->config;
  whom_ = request().target->uid.address;
  auto parsed = host_and_port();
  if (!parsed) {
    co_return;
  }
  target_ = std::move(*parsed);
  const stream::family_wish wish{config.preferred_ip_protocol, config.ip_protocol_fallback};
  bool ok = true;
  if (settings_->tls) {
    ok = co_await made(*settings_->tls, whom_);
  }
  if (ok) {
    ok = co_await open(target_.host, target_.port, wish, whom_, column::resolve);
  }
  if (!ok) {
    co_return;
  }
  if (config.tls) {
    ok = co_await start_tls();
  } else {
    phase_done(column::tls, nanoseconds{0});
  }
  if (ok) {
    ok = co_await exchange();
  }
  outcome_.success = ok;
  if (ok) {
    peer_closes_ = connection_.end_tls();
  }
}

task<bool> session::start_tls() {
  const auto since = monotonic_clock::now();
  outcome_.values.clear(column::tls);
  // It would else be read as if it had come through TLS (CVE-2011-0411).
  if (lines_.drop() > 0) {
    co_return fail(probe_error::starttls_failed,
                   whom_ + ": the server sent more than its answer before TLS");
  }
  const auto& named = settings_->config.tls_config.server_name;
  const bool ok =
      co_await secure(*settings_->tls, named.empty() ? target_.host : named, whom_, column::tls);
  handshakes_ += monotonic_clock::now() - since;
  co_return ok;
}

task<bool> session::exchange() {
  const auto begun = monotonic_clock::now();
  handshakes_ = nanoseconds{0};
  for (const auto& next : settings_->steps) {
    std::string send = next.plain_send();
    if (next.expects()) {
      const bool came = co_await expect(next, send);
      if (!came) {
        co_return false;
      }
    }
    if (!send.empty()) {
      send += '\n';
      const auto error = co_await connection_.write(send);
      if (is_over()) {
        co_return fail_over(whom_, "exchange", probe_error::deadline);
      }
      if (error) {
        co_return fail_stream(error, "sending: ");
      }
    }
    if (next.starts_tls()) {
      const bool ok = co_await start_tls();
      if (!ok) {
        co_return false;
      }
    }
    ++steps_done_;
  }
  phase_done(column::exchange, monotonic_clock::now() - begun - handshakes_);
  co_return true;
}

task<bool> session::expect(const step& next, std::string& answer) {
  any_line_ = false;
  for (;;) {
    auto line = co_await lines_.next();
    if (is_over()) {
      co_return fail_over(whom_, "exchange", probe_error::deadline);
    }
    if (line.error) {
      co_return fail_expecting(next, line.error);
    }
    any_line_ = true;
    last_line_ = std::move(line.text);
    if (story_.wants_lines()) {
      story_.line("Read line", {{"line", stream::shown(last_line_, max_line_told)}});
    }
    if (auto send = next.match(last_line_)) {
      answer = std::move(*send);
      co_return true;
    }
  }
}

bool session::fail_expecting(const step& next, const error_code& error) {
  const auto wanted = "a line that matches '" + next.expression() + "'";
  if (error == boost::asio::error::message_size) {
    return fail(probe_error::bad_answer, whom_ + ": a line is longer than " +
                                             std::to_string(stream::line_reader::max_line) +
                                             " bytes; expected " + wanted);
  }
  if (error != boost::asio::error::eof) {
    return fail_stream(error, "reading: ");
  }
  if (!any_line_) {
    return fail(probe_error::early_close, whom_ + ": closed without " + wanted);
  }
  return fail(probe_error::bad_answer, whom_ + ": closed without " + wanted +
                                           "; the last line was '" +
                                           stream::shown(last_line_, max_line_shown) + "'");
}

bool session::fail_stream(const error_code& error, const std::string& what) {
  const auto& tls = connection_.tls_error().text;
  return tls.empty() ? fail(stream::stream_fault(error), whom_ + ": " + what + error.message())
                     : fail(probe_error::tls_failed, whom_ + ": " + what + tls);
}

void session::measured(bool ok) {
  auto& values = outcome_.values;
  if (ok) {
    values.set_whole(column::steps, steps_done_);
  }
  if (!report().seen) {
    return;
  }
  if (report().summary.earliest_expiry_unix > 0) {
    values.set_whole(column::cert_expiry,
                     static_cast<std::uint64_t>(report().summary.earliest_expiry_unix));
  }
  auto details = std::make_shared<stream::tls_details>();
  details->tls = std::make_shared<const tls_summary>(report().summary);
  outcome_.details = std::move(details);
}

} // namespace xprober::tcp
