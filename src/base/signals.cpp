#include "xprober/base/signals.hpp"

#include <csignal>
#include <initializer_list>

#include <unistd.h>

namespace xprober {

namespace {

void change_mask(int how, std::initializer_list<int> numbers) noexcept {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : numbers) {
    ::sigaddset(&set, number);
  }
  ::pthread_sigmask(how, &set, nullptr);
}

extern "C" void end_at_once(int) { ::_exit(0); }

extern "C" void die(int number) {
  std::signal(number, SIG_DFL);
  change_mask(SIG_UNBLOCK, {number});
  ::raise(number);
  // Still there: as the first process of a container. The status is what a shell would show.
  ::_exit(128 + number);
}

} // namespace

void hold_signals() noexcept { change_mask(SIG_BLOCK, {SIGHUP, SIGINT, SIGTERM}); }

void release_signals() noexcept { change_mask(SIG_UNBLOCK, {SIGHUP, SIGINT, SIGTERM}); }

void end_at_once_on_signals() noexcept {
  std::signal(SIGINT, end_at_once);
  std::signal(SIGTERM, end_at_once);
  change_mask(SIG_UNBLOCK, {SIGINT, SIGTERM});
}

void die_of_signals() noexcept {
  std::signal(SIGINT, die);
  std::signal(SIGTERM, die);
}

void ignore_broken_pipes() noexcept { std::signal(SIGPIPE, SIG_IGN); }

} // namespace xprober
