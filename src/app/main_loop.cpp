#include "xprober/app/main_loop.hpp"

#include <csignal>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <unistd.h>

#include "xprober/base/log.hpp"
#include "xprober/base/signals.hpp"

namespace xprober::app {

namespace asio = boost::asio;

namespace {

class main_loop {
public:
  explicit main_loop(const main_loop_hooks& hooks)
      : hooks_(hooks), timer_(context_), end_(context_, SIGINT, SIGTERM),
        hangup_(context_, SIGHUP) {}

  int run() {
    end_.async_wait([this](const boost::system::error_code& error, int number) {
      if (!error) {
        signal_ = number;
        context_.stop();
      }
    });
    wait_for_hangup();
    release_signals();
    if (hooks_.tick) {
      next_ = std::chrono::steady_clock::now();
      wait_for_tick();
    }
    context_.run();
    return signal_;
  }

private:
  void wait_for_hangup() {
    hangup_.async_wait([this](const boost::system::error_code& error, int) {
      if (!error) {
        hooks_.reload();
        wait_for_hangup();
      }
    });
  }

  void wait_for_tick() {
    next_ += hooks_.tick_interval;
    timer_.expires_at(next_);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (error) {
        return;
      }
      if (hooks_.tick()) {
        wait_for_tick();
      } else {
        context_.stop();
      }
    });
  }

  const main_loop_hooks& hooks_;
  asio::io_context context_{1};
  asio::steady_timer timer_;
  asio::signal_set end_;
  asio::signal_set hangup_;
  std::chrono::steady_clock::time_point next_{};
  int signal_ = 0;
};

} // namespace

int run_until_signal(const main_loop_hooks& hooks) {
  int number = 0;
  {
    main_loop loop{hooks};
    number = loop.run();
  }
  // Nobody has to wait for a shutdown that hangs. SIGHUP stays harmless.
  die_of_signals();
  std::signal(SIGHUP, SIG_IGN);
  if (number != 0) {
    log::info("main", "stopping", {{"signal", number == SIGINT ? "SIGINT" : "SIGTERM"}});
  }
  return number;
}

void end_process() { ::kill(::getpid(), SIGTERM); }

} // namespace xprober::app
