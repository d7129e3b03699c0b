#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/basic_waitable_timer.hpp>

#include "xprober/domain/config.hpp"
#include "xprober/probes/dns/resolver.hpp"
#include "xprober/probes/http/connection.hpp"
#include "xprober/probes/http/cookies.hpp"
#include "xprober/probes/http/job.hpp"
#include "xprober/probes/http/response_reader.hpp"
#include "xprober/probes/http/settings.hpp"
#include "xprober/probes/http/trace.hpp"
#include "xprober/probes/http/url.hpp"

namespace xprober::http {

/// What a session uses of its engine; outlives it.
struct session_services {
  dns::resolver& resolver;
  http_counters& counters;
  /// Called once, when the probe has been measured and before its connection is closed.
  std::function<void(job&, probe_outcome&&)> deliver;
};

/// One probe from its target to its outcome: the hops of its redirects, each on a connection of
/// its own, under one deadline.
class session : public std::enable_shared_from_this<session> {
public:
  session(const io_executor& executor, std::shared_ptr<const probe_settings> settings,
          session_services services, job work);

  /// Runs the probe; the caller keeps the session alive until it has returned.
  task<void> run();

  /// Ends the probe soon with `probe_error::shutdown`.
  void abort();

  /// Ends the probe soon without an answer and gives its job back; nothing if it was answered.
  std::optional<job> give_back();

  /// Answers the probe where its coroutine failed of an exception.
  void fail_internally(const std::string& why);

private:
  // The way to a host (session_open.cpp)
  task<bool> open(const http_url& url);
  task<bool> resolve(const http_url& peer);
  bool take_answer(const http_url& peer);
  task<bool> connect(const http_url& peer);
  task<bool> tunnel(const http_url& url);
  task<bool> secure(const http_url& url);
  void note_certificate();

  // Requests and responses (session.cpp)
  task<void> probe();
  task<bool> exchange(const http_url& url, const std::string& method);
  std::string request_to(const http_url& url, const std::string& method) const;
  task<bool> read_response(const http_url& url);
  bool take_bytes(const http_url& url, const io_result& got);
  void judge(const http_url& url);

  bool fail(probe_error error, std::string detail);
  bool interrupted(const http_url& url);
  void guard(monotonic_time until);
  void deliver();

  const http_config& config() const noexcept { return settings_->config; }

  std::shared_ptr<const probe_settings> settings_;
  session_services services_;
  job job_;
  boost::asio::basic_waitable_timer<monotonic_clock, boost::asio::wait_traits<monotonic_clock>,
                                    io_executor>
      timer_;
  std::uint64_t guard_generation_ = 0;
  bool expired_ = false; ///< the guard's time passed and the connection was cut
  bool aborted_ = false;
  bool delivered_ = false;

  monotonic_time begun_{};
  monotonic_time deadline_{};
  tls_report report_; ///< before the connection, which refers to it
  connection connection_;
  std::optional<dns::resolve_answer> answer_;
  std::uint64_t resolve_ticket_ = 0;

  http_url first_;                        ///< what the target named
  const proxy_settings* proxy_ = nullptr; ///< of the hop
  cookie_jar cookies_;
  std::optional<response_reader> reader_; ///< of the hop's response
  bool with_body_ = true;                 ///< no redirect has changed the method
  bool complete_ = false;                 ///< the last response was read to its end

  phase_trace trace_;
  http_summary summary_;
  probe_outcome outcome_;
};

} // namespace xprober::http
