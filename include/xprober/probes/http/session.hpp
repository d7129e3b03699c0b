#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include "xprober/domain/config.hpp"
#include "xprober/probes/ad_hoc.hpp"
#include "xprober/probes/http/connection.hpp"
#include "xprober/probes/http/cookies.hpp"
#include "xprober/probes/http/counters.hpp"
#include "xprober/probes/http/job.hpp"
#include "xprober/probes/http/response_reader.hpp"
#include "xprober/probes/http/settings.hpp"
#include "xprober/probes/http/stall_watch.hpp"
#include "xprober/probes/http/trace.hpp"
#include "xprober/probes/http/url.hpp"
#include "xprober/resolver/resolver.hpp"

namespace xprober::http {

/// What a session uses of its engine; outlives it.
struct session_services {
  dns::resolver& resolver;
  http_counters& counters;
  const stall_watch& stalls; ///< of the engine's thread
  /// Where work is done that would keep the engine's thread for long.
  std::function<boost::asio::thread_pool&()> worker;
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
  /// Why one address could not be connected to.
  struct connect_verdict {
    probe_error fault = probe_error::connect_failed;
    std::string address{};
    int weight = 0; ///< the heaviest is told where several addresses failed
  };
  connect_verdict judge_connect(const error_code& error, const endpoint& to);
  task<bool> secure_proxy();
  task<bool> tunnel(const http_url& url);
  bool proxy_interrupted(const std::string& who);
  task<bool> secure(const http_url& url);
  void note_certificate();

  // Requests and responses (session.cpp)
  task<void> probe();
  task<bool> exchange(const http_url& url, const std::string& method);
  std::string request_to(const http_url& url, const std::string& method) const;
  task<bool> read_response(const http_url& url);
  bool take_bytes(const http_url& url, const io_result& got);
  task<void> judge(const http_url& url);

  // What is told to who asked for the probe, if somebody did (session_story.cpp)
  const ad_hoc_request* wishes() const noexcept { return job_.request().ad_hoc.get(); }
  bool wants_lines() const noexcept { return story_ && wishes()->with_lines; }
  void begin_story();
  void tell(std::string text, std::vector<std::pair<std::string, std::string>> fields = {});
  void tell_resolved();
  void tell_answer(const http_url& url);
  void close_hop();
  void end_story();
  std::string name_of(const http_url& url) const;
  monotonic_time time_limit() const;

  bool fail(probe_error error, std::string detail);
  bool fail_stream(const error_code& error, std::string what);
  bool interrupted(const http_url& url);
  void guard(monotonic_time until);
  nanoseconds stalled() const noexcept;
  bool give_time_back();
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
  nanoseconds stalled_before_{0}; ///< of the engine's thread, when the probe began
  nanoseconds given_back_{0};     ///< of its stalls: added to the deadline
  tls_report report_;             ///< before the connection, which refers to it, like the next
  tls_report proxy_report_;
  connection connection_;
  std::optional<dns::resolve_answer> answer_;
  nanoseconds resolve_lag_{0}; ///< what names waited for their turn: no time of the target

  http_url first_;                      ///< what the target named
  const proxy_server* proxy_ = nullptr; ///< of the hop
  cookie_jar cookies_;
  std::optional<response_reader> reader_; ///< of the hop's response
  bool with_body_ = true;                 ///< no redirect has changed the method
  bool complete_ = false;                 ///< the last response was read to its end

  std::optional<probe_story> story_;
  std::shared_ptr<http_story> more_; ///< of the story
  /// The configuration's with the Host header that was wished for; null: none was.
  std::unique_ptr<const std::map<std::string, std::string>> headers_;

  phase_trace trace_;
  http_summary summary_;
  probe_outcome outcome_;
};

} // namespace xprober::http
