#include "receiver.hpp"

#include <algorithm>
#include <exception>
#include <random>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "xprober/base/log.hpp"
#include "xprober/bridge/ask.hpp"
#include "xprober/bridge/restart.hpp"
#include "xprober/domain/alert_receivers.hpp"
#include "xprober/domain/clock.hpp"
#include "xprober/domain/text_template.hpp"
#include "xprober/net/tls.hpp"
#include "xprober/notify/alert_json.hpp"
#include "xprober/notify/webhook_json.hpp"

namespace xprober::notify {

namespace {

constexpr std::size_t most_notices = 100; ///< asked for at a time
constexpr std::chrono::seconds queue_timeout{30};
constexpr std::chrono::seconds queue_pause{1}; ///< while there is nothing to tell
constexpr std::chrono::milliseconds predecessor_pause{50};
constexpr std::chrono::milliseconds first_fault_pause{100};
constexpr std::chrono::milliseconds longest_fault_pause{5000};

std::optional<body_template> body_of(const receiver_setup& setup) {
  if (setup.body.empty()) {
    return std::nullopt;
  }
  std::string error;
  auto text = text_template::parse(setup.body, error);
  if (!text) {
    throw net::setup_error(setup.section() + "body: " + error);
  }
  return body_template{std::move(*text), is_json_type(setup.content_type)};
}

} // namespace

alert_receiver::alert_receiver(asio::io_context& io, receiver_setup setup, caf::actor gateway,
                               incidents_actor incidents, stats_actor stats)
    : io_(io), setup_(std::move(setup)), gateway_(std::move(gateway)),
      incidents_(std::move(incidents)), stats_(std::move(stats)), connection_(io, setup_),
      body_(body_of(setup_)), delivery_(std::random_device{}()),
      fault_pause_(first_fault_pause, longest_fault_pause, 2.0, std::random_device{}()),
      timer_(io) {}

void alert_receiver::start() {
  report();
  asio::co_spawn(io_, live(), [self = shared_from_this()](const std::exception_ptr& thrown) {
    if (thrown) { // not even the pause could be waited for
      log::error("notify", "a sender has ended", {{"receiver", self->setup_.name}});
    }
  });
}

void alert_receiver::stop() {
  stopping_ = true;
  timer_.cancel();
  if (!telling_) {
    connection_.close();
  }
}

asio::awaitable<void> alert_receiver::wait(std::chrono::milliseconds time) {
  if (!stopping_) {
    timer_.expires_after(time);
    boost::system::error_code ignored;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

asio::awaitable<void> alert_receiver::live() {
  const auto self = shared_from_this();
  const auto work = [this] { return run(); };
  const auto failed = [this](const std::string& what) { return recover(what); };
  co_await await_predecessor();
  co_await bridge::run_again(work, failed);
  connection_.close();
}

/// It takes as long as a request may.
asio::awaitable<void> alert_receiver::await_predecessor() {
  for (;;) {
    const auto before = before_.lock();
    if (stopping_ || !before || !before->telling_) {
      break;
    }
    co_await wait(predecessor_pause);
  }
  before_.reset();
}

asio::awaitable<bool> alert_receiver::recover(std::string what) {
  telling_ = false;
  if (!stopping_) {
    const auto time = fault_pause_.next();
    log::error("notify", "a sender failed; it begins again after a pause",
               {{"receiver", setup_.name}, {"error", what}, {"pause_ms", time.count()}});
    counts_.last_error = what;
    report();
    co_await wait(time);
  }
  co_return !stopping_;
}

/// What is new goes before what is told again: after a failure both are asked for anew.
asio::awaitable<void> alert_receiver::run() {
  while (!stopping_) {
    const auto due = co_await next_notices();
    bool going = true;
    if (due) {
      going = co_await tell(due);
    }
    const bool stale =
        setup_.form == receiver_form::alertmanager && monotonic_clock::now() >= refresh_at_;
    if (going && stale && !stopping_) {
      going = co_await refresh();
    }
    if (!due || !going) {
      co_await wait(queue_pause);
    }
  }
}

/// Null where there is nothing, or where nobody says so.
asio::awaitable<notice_list> alert_receiver::next_notices() {
  const notice_request question{setup_.name, most_notices};
  const auto answer =
      co_await bridge::ask<notice_list>(gateway_, incidents_, queue_timeout, question);
  notice_list due;
  if (answer && *answer && !(*answer)->empty()) {
    due = *answer;
  }
  const std::uint64_t waiting = due ? due->size() : 0;
  if (std::exchange(counts_.pending, waiting) != waiting && !stopping_) {
    report();
  }
  co_return due;
}

/// Gives true when all of it was told or given up; false when what is left is to be asked for anew.
asio::awaitable<bool> alert_receiver::tell(notice_list due) {
  return setup_.form == receiver_form::alertmanager ? tell_alertmanager(std::move(due))
                                                    : tell_webhook(std::move(due));
}

/// All at once: of an incident that has opened and closed meanwhile nobody has to hear both.
asio::awaitable<bool> alert_receiver::tell_alertmanager(notice_list due) {
  delivery_request request;
  request.body = json_text(alerts_of(*due, wall_clock::now(), setup_.external_url));
  const bool settled = co_await attempt(request, due->size(), due->back().sequence);
  co_return settled;
}

asio::awaitable<bool> alert_receiver::tell_webhook(notice_list due) {
  for (const auto& notice : *due) {
    delivery_request request;
    request.idempotency_key = idempotency_key(notice);
    request.body = body_ ? body_->fill(notice, setup_.external_url)
                         : json_text(webhook_json(notice, wall_clock::now(), setup_.external_url));
    const bool settled = co_await attempt(request, 1, notice.sequence);
    if (!settled) {
      co_return false;
    }
  }
  co_return true;
}

/// Tells all open incidents again, also after a start: Alertmanager forgets what it does not hear
/// of, and all of it when it is started.
asio::awaitable<bool> alert_receiver::refresh() {
  const auto open = co_await bridge::ask<incident_list>(gateway_, incidents_, queue_timeout,
                                                        open_incidents_atom_v);
  if (!open || !*open) {
    co_return false;
  }
  const auto alerts = alerts_of(**open, wall_clock::now(), setup_.external_url);
  bool settled = true;
  if (!alerts.empty()) {
    delivery_request request;
    request.body = json_text(alerts);
    settled = co_await attempt(request, 0);
  }
  if (settled) {
    refresh_at_ = monotonic_clock::now() + alert_refresh;
  }
  co_return settled;
}

/// One request, and the note that all `through` this number is settled. False: it may be taken
/// later, and the pause until then is over; or this ends.
asio::awaitable<bool> alert_receiver::attempt(const delivery_request& request,
                                              std::uint64_t notices,
                                              std::optional<std::uint64_t> through) {
  if (stopping_) {
    co_return false;
  }
  telling_ = true;
  const auto answer = co_await connection_.post(request);
  const auto step = delivery_.take(answer);
  // What is told every minute is refused every minute.
  const bool known = notices == 0 && answer.text == counts_.last_error;
  count(step, answer, notices);
  if (step.news && !known) {
    say(step, answer);
  }
  if (!stopping_) { // somebody else may have the name by now
    report();
  }
  const bool settled = step.fate != delivery_fate::again;
  if (settled && through) {
    co_await move_on(*through);
  }
  telling_ = false;
  if (!settled) {
    co_await wait(step.pause);
  }
  co_return settled;
}

void alert_receiver::count(const delivery_step& step, const delivery_answer& answer,
                           std::uint64_t notices) {
  if (step.fate != delivery_fate::again) {
    counts_.pending -= std::min(counts_.pending, notices);
  }
  switch (step.fate) {
  case delivery_fate::told:
    counts_.told += notices;
    counts_.last_ok_unix = to_unix_seconds(wall_clock::now());
    counts_.last_error.clear();
    return;
  case delivery_fate::again: ++counts_.retried; break;
  case delivery_fate::given_up: counts_.failed += notices; break;
  }
  counts_.last_error = answer.text;
}

void alert_receiver::say(const delivery_step& step, const delivery_answer& answer) const {
  switch (step.fate) {
  case delivery_fate::told:
    log::info("notify", "notifications are delivered again", {{"receiver", setup_.name}});
    return;
  case delivery_fate::again:
    log::warn("notify", "a notification could not be delivered; it is retried until it is",
              {{"receiver", setup_.name}, {"error", answer.text}});
    return;
  case delivery_fate::given_up:
    log::error("notify", "a receiver rejected a notification, which is not retried",
               {{"receiver", setup_.name}, {"answer", answer.text}});
    return;
  }
}

/// It is on disk before the next request goes out: after a kill at most one is repeated.
asio::awaitable<void> alert_receiver::move_on(std::uint64_t sequence) {
  for (;;) {
    const notices_told through{setup_.name, sequence};
    const auto done = co_await bridge::ask<done_atom>(gateway_, incidents_, queue_timeout, through);
    if (done || stopping_) {
      co_return;
    }
    co_await wait(queue_pause);
  }
}

void alert_receiver::report() {
  caf::anon_send(stats_, notify_report{setup_.name, false, counts_});
}

} // namespace xprober::notify
