#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "xprober/domain/address.hpp"
#include "xprober/probes/internal_fault.hpp"
#include "xprober/probes/stream/connection.hpp"
#include "xprober/probes/stream/dialer.hpp"
#include "xprober/probes/stream/probe_time.hpp"
#include "xprober/probes/stream/services.hpp"
#include "xprober/probes/stream/story.hpp"

namespace xprober::stream {

/// One probe from its start to its outcome, under one deadline. A kind says in `probe` what it
/// does; what stands here is what all have: time, the end from outside, the outcome's delivery and
/// the close.
class session : public std::enable_shared_from_this<session> {
public:
  /// `timeout` is the whole probe's; a probe that somebody asks for may have less.
  session(const services& use, job&& work, milliseconds timeout);
  virtual ~session() = default;
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// Runs the probe; the caller keeps the session alive until it has returned.
  task<void> run();

  /// Ends the probe soon with `probe_error::shutdown`.
  void abort();

  /// Only these hosts may be sent what is secret; null: whoever the target is. To be called first.
  void limit_secrets(target_limits_ptr hosts) { dialer_.limit_secrets(std::move(hosts)); }

  /// Ends the probe soon without an answer and gives its job back; nothing if it was answered.
  std::optional<job> give_back();

  /// Answers the probe where its coroutine ended in an exception, and closes its connection.
  void fail_internally(std::string_view what);

  const std::string& address() const noexcept { return target_->uid.address; }
  /// Of what the target sent.
  const input_digest& input() const noexcept { return input_; }

protected:
  /// The probe itself. It sets the outcome's success, or what failed.
  virtual task<void> probe() = 0;
  /// Called once before the outcome goes out, with `ok` false where the times would be wrong.
  virtual void measured(bool ok) = 0;
  /// Ends whatever the probe waits for.
  virtual void cut() { connection_.abort(); }

  const probe_request& request() const noexcept { return job_.request(); }
  const ad_hoc_request* wishes() const noexcept { return job_.request().ad_hoc.get(); }

  /// Notes that the target's address is none, and why; false.
  bool fail_target(std::string_view problem);
  /// Notes why the probe failed; false, so that steps can end with it.
  bool fail(probe_error error, std::string detail);

  /// True where the probe was ended from outside or its time has passed: what comes is of no use.
  bool is_over() const noexcept { return aborted_ || time_.expired(); }
  bool aborted() const noexcept { return aborted_; }
  /// `fail` for a probe that is over, in a phase of `whom`; `timeout` is what that is where its
  /// time has passed.
  bool fail_over(std::string_view whom, std::string_view phase, probe_error timeout);

  /// The target's address read as HOST:PORT, the host as it is to be dialled; nothing, with the
  /// outcome set to `probe_error::bad_target`, where one of the two is missing or wrong.
  std::optional<host_port> host_and_port();

  /// Resolves and connects, and fills in the columns of the two phases, which stand in this order
  /// from `first_phase` on. `whom` for messages. False with the outcome set.
  task<bool> open(std::string host, std::uint16_t port, family_wish wish, std::string whom,
                  std::size_t first_phase);
  /// The first half of it.
  task<bool> find(std::string host, family_wish wish, std::string whom, std::size_t phase,
                  named_by who = named_by::target);

  /// Makes the context on another thread, if nobody has, before a probe begins with what the
  /// context is for: the first one waits for that, in no time of its own. False with the outcome
  /// set.
  task<bool> made(const tls_context& context, std::string whom);

  /// TLS over the connection, and the column of that phase. False with the outcome set.
  task<bool> secure(const tls_context& context, std::string name, std::string whom,
                    std::size_t phase);

  /// What the last handshake has told; all empty where there was none.
  const tls_report& report() const noexcept;
  /// Nothing is told yet, and the next handshake may tell it there.
  tls_report& fresh_report();

  /// Notes the time since `since` as a phase's.
  void phase_done(std::size_t column, nanoseconds took);

  const services& use_;
  probe_time time_;
  input_digest input_;
  std::unique_ptr<tls_report> report_; ///< of TLS; before the connection, which refers to it
  connection connection_;
  dialer dialer_;
  story story_;
  probe_outcome outcome_;
  /// The other side is expected to close the connection; it is waited for a moment.
  bool peer_closes_ = false;

private:
  monotonic_time time_limit(monotonic_time now) const;
  void deliver();

  job job_;
  target_ref target_; ///< also once the job was given back
  milliseconds timeout_;
  nanoseconds own_wait_{0}; ///< for what the prober itself was not ready with
  bool aborted_ = false;
  bool delivered_ = false;
};

} // namespace xprober::stream
