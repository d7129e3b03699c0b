#include "xprober/app/main_loop.hpp"

#include <csignal>
#include <exception>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "xprober/base/log.hpp"
#include "xprober/base/signals.hpp"

namespace xprober::app {

namespace asio = boost::asio;

namespace {

/// How long a process that ends waits for whoever reads its log.
constexpr std::chrono::milliseconds flush_grace{1000};
/// What an orderly end needs beside what it may wait for.
constexpr std::chrono::seconds end_grace{5};

class main_loop {
public:
  explicit main_loop(const main_loop_hooks& hooks)
      : hooks_(hooks), timer_(context_), watch_timer_(context_), end_(context_, SIGINT, SIGTERM),
        hangup_(context_, SIGHUP) {}

  /// Ends with the signals held: nobody takes them once this is destroyed.
  int run() {
    note_signals();
    end_.async_wait([this](const boost::system::error_code& error, int number) {
      if (!error) {
        signal_ = number;
        context_.stop();
      }
    });
    wait_for_hangup();
    release_signals();
    if (hooks_.begin) {
      hooks_.begin();
    }
    if (hooks_.tick) {
      next_ = std::chrono::steady_clock::now();
      wait_for_tick();
    }
    if (hooks_.watch) {
      watch();
    }
    context_.run();
    hold_signals();
    if (hooks_.end) {
      hooks_.end();
    }
    // A tick that waited for its reader ends before the context has told of the signal.
    return signal_ != 0 ? signal_ : noted_signal();
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

  void watch() {
    hooks_.watch();
    watch_timer_.expires_after(hooks_.watch_interval);
    watch_timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) {
        watch();
      }
    });
  }

  const main_loop_hooks& hooks_;
  asio::io_context context_{1};
  asio::steady_timer timer_;
  asio::steady_timer watch_timer_;
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
  release_signals();
  if (number != 0) {
    log::info("main", "stopping", {{"signal", number == SIGINT ? "SIGINT" : "SIGTERM"}});
  }
  return number;
}

void end_process(std::chrono::milliseconds longest) {
  end_within(std::chrono::ceil<std::chrono::seconds>(longest) + end_grace);
  try {
    log::flush(flush_grace);
  } catch (const std::exception&) { // NOLINT(bugprone-empty-catch)
    // Without memory; the writer goes on by itself.
  }
  signal_failure();
}

} // namespace xprober::app
