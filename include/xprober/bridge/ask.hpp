#pragma once

// How a session (a coroutine on an io_context) asks an actor:
//
//   asio::awaitable<net::http_response> stats_page(caf::actor gateway, stats_actor stats) {
//     auto answer = co_await bridge::ask<stats_snapshot>(gateway, stats, 2s, get_stats_atom_v);
//     if (!answer)
//       co_return net::error_response(http::status::service_unavailable,
//                                     bridge::error_text(answer.error()));
//     co_return net::json_response(http::status::ok, render(*answer));
//   }
//
// The gateway is spawned once: `system.spawn(bridge::gateway, stats)`. The question travels to it
// by `anon_send`; it sends the request, and the answer is posted to the executor of the coroutine.
// The coroutine resumes exactly once: with the answer, with the actor's error, with an error when
// the actor or the gateway is dead or ends meanwhile, or with `ec::timeout`. An answer that comes
// later is dropped. The executor's io_context must outlive the actor system; it may have stopped.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <caf/all.hpp>

#include "xprober/bridge/error.hpp"
#include "xprober/bridge/gateway.hpp"

namespace xprober::bridge {

namespace detail {

/// Where a coroutine waits. Lives and dies on the coroutine's executor.
template <class R>
struct waiting {
  explicit waiting(const boost::asio::any_io_executor& executor) : timer(executor) {}

  boost::asio::steady_timer timer;
  std::optional<caf::expected<R>> answer;
};

/// The gateway's end of a question: answers once, at the latest when it is destroyed.
template <class R>
class answer_slot {
public:
  answer_slot(boost::asio::any_io_executor executor, std::weak_ptr<waiting<R>> waiter)
      : executor_(std::move(executor)), waiter_(std::move(waiter)) {}
  answer_slot(const answer_slot&) = delete;
  answer_slot& operator=(const answer_slot&) = delete;
  ~answer_slot() {
    if (!answered_) {
      answer(make_error(ec::shutdown, "the actors ended before they answered"));
    }
  }

  void answer(caf::expected<R> value) {
    answered_ = true;
    boost::asio::post(executor_, [waiter = waiter_, value = std::move(value)]() mutable {
      if (auto alive = waiter.lock(); alive && !alive->answer) {
        alive->answer = std::move(value);
        alive->timer.cancel();
      }
    });
  }

private:
  boost::asio::any_io_executor executor_;
  std::weak_ptr<waiting<R>> waiter_;
  bool answered_ = false;
};

/// Waits until the timer ends or is cancelled.
boost::asio::awaitable<void> wait(boost::asio::steady_timer& timer,
                                  std::chrono::milliseconds timeout);

void send_job(const caf::actor& gateway, std::function<void(caf::event_based_actor*)> job);

} // namespace detail

/// Asks `dest` with the message `args...` and gives its answer of type `R`, as shown above.
/// `args` are copied; what is large should be a `shared_ptr` already or be moved in.
template <class R, caf::message_priority P = caf::message_priority::normal, class Handle,
          class... Ts>
boost::asio::awaitable<caf::expected<R>> ask(caf::actor gateway, Handle dest,
                                             std::chrono::milliseconds timeout, Ts... args) {
  auto executor = co_await boost::asio::this_coro::executor;
  auto waiter = std::make_shared<detail::waiting<R>>(executor);
  {
    auto slot = std::make_shared<detail::answer_slot<R>>(executor, waiter);
    auto message = std::make_shared<std::tuple<Ts...>>(std::move(args)...);
    detail::send_job(gateway, [slot, message, dest, timeout](caf::event_based_actor* self) {
      std::apply(
          [&](Ts&... parts) {
            self->request<P>(dest, timeout, std::move(parts)...)
                .then([slot](R& value) { slot->answer(std::move(value)); },
                      [slot](caf::error& error) { slot->answer(std::move(error)); });
          },
          *message);
    });
  }
  co_await detail::wait(waiter->timer, timeout);
  if (!waiter->answer) {
    co_return make_error(ec::timeout);
  }
  co_return std::move(*waiter->answer);
}

/// `ask` for questions that only look: they pass what waits in the mailbox, so that a busy actor
/// can still be looked at.
template <class R, class Handle, class... Ts>
boost::asio::awaitable<caf::expected<R>> query(caf::actor gateway, Handle dest,
                                               std::chrono::milliseconds timeout, Ts... args) {
  return ask<R, caf::message_priority::high>(std::move(gateway), std::move(dest), timeout,
                                             std::move(args)...);
}

} // namespace xprober::bridge
