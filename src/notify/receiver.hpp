#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "xprober/actors/actors.hpp"
#include "xprober/domain/backoff.hpp"
#include "xprober/notify/body_template.hpp"
#include "xprober/notify/connection.hpp"
#include "xprober/notify/delivery.hpp"
#include "xprober/notify/receiver_setup.hpp"

namespace xprober::notify {

/// One receiver: asks for what it is to be told, tells it, says that it was told.
class alert_receiver : public std::enable_shared_from_this<alert_receiver> {
public:
  /// Throws net::setup_error where the receiver cannot be used.
  alert_receiver(asio::io_context& io, receiver_setup setup, caf::actor gateway,
                 incidents_actor incidents, stats_actor stats);

  const receiver_setup& setup() const noexcept { return setup_; }
  /// Tells nothing before `before`, which has the same queue and was stopped, has ended; null:
  /// there is none.
  void start_after(std::weak_ptr<alert_receiver> before) {
    before_ = std::move(before);
    // One that was stopped while it waited for another tells nothing: that other one counts.
    if (const auto last = before_.lock(); last && !last->before_.expired()) {
      before_ = last->before_;
    }
  }
  void start();
  /// A request that is on its way is waited for and noted: who has been told is told no second
  /// time.
  void stop();

private:
  asio::awaitable<void> live();
  asio::awaitable<void> run();
  asio::awaitable<bool> recover(std::string what);
  asio::awaitable<notice_list> next_notices();
  asio::awaitable<bool> tell(notice_list due);
  asio::awaitable<bool> tell_alertmanager(notice_list due);
  asio::awaitable<bool> tell_webhook(notice_list due);
  asio::awaitable<bool> refresh();
  asio::awaitable<void> await_predecessor();
  asio::awaitable<bool> attempt(const delivery_request& request, std::uint64_t notices,
                                std::optional<std::uint64_t> through = std::nullopt);
  asio::awaitable<void> move_on(std::uint64_t sequence);
  asio::awaitable<void> wait(std::chrono::milliseconds time);
  void count(const delivery_step& step, const delivery_answer& answer, std::uint64_t notices);
  void say(const delivery_step& step, const delivery_answer& answer) const;
  void report();

  asio::io_context& io_;
  receiver_setup setup_;
  caf::actor gateway_;
  incidents_actor incidents_;
  stats_actor stats_;
  receiver_connection connection_;
  std::optional<body_template> body_; ///< of a webhook that has one
  delivery delivery_;
  backoff fault_pause_; ///< after an exception
  asio::steady_timer timer_;
  notify_stats counts_;
  monotonic_time refresh_at_{}; ///< of an Alertmanager: when all open ones are told again
  std::weak_ptr<alert_receiver> before_;
  bool stopping_ = false;
  bool telling_ = false; ///< a request is on its way, or is being noted
};

} // namespace xprober::notify
