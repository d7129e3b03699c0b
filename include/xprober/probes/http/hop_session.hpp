#pragma once

#include <memory>
#include <string>

#include "xprober/probes/http/proxy.hpp"
#include "xprober/probes/http/request_identity.hpp"
#include "xprober/probes/http/settings.hpp"
#include "xprober/probes/http/summary.hpp"
#include "xprober/probes/http/trace.hpp"
#include "xprober/probes/stream/session.hpp"

namespace xprober::http {

using stream::error_code;
using stream::io_result;
using stream::task;

/// The way of an HTTP probe to a host, which each hop of its redirects takes anew: the name, the
/// connection, a proxy with its tunnel, TLS.
class hop_session : public stream::session {
protected:
  hop_session(const stream::services& use, std::shared_ptr<const probe_settings> settings,
              stream::job&& work);

  /// Opens a connection on which `url` can be asked for. False with the outcome set.
  task<bool> open(const http_url& url);

  /// True, with the outcome set, if the probe was ended or its time passed on its way to `url`.
  bool interrupted(const http_url& url);

  /// `fail` for an error of a connection that stood; `answered`: with something of the answer.
  bool fail_stream(const error_code& error, const std::string& what, bool answered);

  /// What a sentence ends with where nothing was answered by a server that asked for a certificate
  /// and got none; else empty.
  std::string certificate_hint() const;

  const http_config& config() const noexcept { return settings_->config; }

  std::shared_ptr<const probe_settings> settings_;
  http_url first_;                      ///< what the target named
  const proxy_server* proxy_ = nullptr; ///< of the hop
  request_identity identity_;
  phase_trace trace_;
  http_summary summary_;

private:
  stream::named_by named(const http_url& url) const noexcept;
  void begin_hop(const http_url& url);
  const stream::tls_context& context_for(const http_url& url) const noexcept;
  const stream::tls_context* not_made_for(const http_url& url, const http_url& peer) const noexcept;
  task<bool> make_tls(const http_url& url, const http_url& peer);
  bool take_answer(const http_url& peer, const stream::dial_fault& fault);
  bool take_connection(const http_url& peer, const stream::dial_fault& fault);
  bool refused_behind_proxy(const http_url& url);
  task<bool> pass_proxy(const http_url& url);
  task<bool> secure_proxy();
  task<bool> tunnel(const http_url& url);
  bool proxy_interrupted(const std::string& who);
  bool fail_proxy(const error_code& error, std::string detail);
  task<bool> secure_target(const http_url& url);
  void note_certificate();

  std::unique_ptr<stream::tls_report> proxy_report_; ///< of TLS with the proxy
};

} // namespace xprober::http
