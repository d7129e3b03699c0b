#include "xprober/base/signals.hpp"

#include <array>
#include <atomic>
#include <csignal>
#include <initializer_list>
#include <utility>

#include <unistd.h>

namespace xprober {

namespace {

using handler = void (*)(int, siginfo_t*, void*);

constexpr std::array ends{SIGINT, SIGTERM};

std::atomic<int> noted{0};
static_assert(std::atomic<int>::is_always_lock_free);

/// Who took SIGINT and SIGTERM before they were noted.
std::array<struct sigaction, ends.size()> takers{};

void change_mask(int how, std::initializer_list<int> numbers) noexcept {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : numbers) {
    ::sigaddset(&set, number);
  }
  ::pthread_sigmask(how, &set, nullptr);
}

void take(int number, handler what, int flags) noexcept {
  struct sigaction action{};
  action.sa_sigaction = what;
  action.sa_flags = SA_SIGINFO | flags;
  ::sigfillset(&action.sa_mask);
  ::sigaction(number, &action, nullptr);
}

/// Of `signal_failure`: nobody else can send one in this way.
bool is_failure(const siginfo_t& info) noexcept {
  return info.si_code == SI_TKILL && info.si_pid == ::getpid();
}

extern "C" void end_at_once(int, siginfo_t* info, void*) {
  ::_exit(is_failure(*info) ? failure_status : 0);
}

extern "C" void end_now(int, siginfo_t*, void*) { ::_exit(failure_status); }

extern "C" void die(int number, siginfo_t* info, void*) {
  if (is_failure(*info)) {
    return;
  }
  std::signal(number, SIG_DFL);
  change_mask(SIG_UNBLOCK, {number});
  ::raise(number);
  // Still there: as the first process of a container. The status is what a shell would show.
  ::_exit(128 + number);
}

extern "C" void note(int number, siginfo_t* info, void* context) {
  noted = number;
  const auto& taker = takers[number == ends[0] ? 0 : 1];
  if ((taker.sa_flags & SA_SIGINFO) != 0) {
    taker.sa_sigaction(number, info, context);
  } else if (taker.sa_handler != SIG_DFL && taker.sa_handler != SIG_IGN) {
    taker.sa_handler(number);
  }
}

} // namespace

void hold_signals() noexcept { change_mask(SIG_BLOCK, {SIGHUP, SIGINT, SIGTERM}); }

void release_signals() noexcept { change_mask(SIG_UNBLOCK, {SIGHUP, SIGINT, SIGTERM}); }

void end_at_once_on_signals() noexcept {
  for (const int number : ends) {
    take(number, end_at_once, SA_RESTART);
  }
  change_mask(SIG_UNBLOCK, {SIGINT, SIGTERM});
}

void die_of_signals() noexcept {
  for (const int number : ends) {
    take(number, die, SA_RESTART);
  }
}

/// To the first thread, which holds signals where nobody takes them: the others take them always.
void signal_failure() noexcept { ::tgkill(::getpid(), ::getpid(), SIGTERM); }

void end_within(std::chrono::seconds longest) noexcept {
  static std::atomic<bool> ends{false};
  if (!ends.exchange(true)) {
    take(SIGALRM, end_now, SA_RESTART);
    change_mask(SIG_UNBLOCK, {SIGALRM});
    ::alarm(static_cast<unsigned>(longest.count()));
  }
}

void note_signals() noexcept {
  noted = 0;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    // Asked for first: the handler may run before `sigaction` has said who it was.
    ::sigaction(ends[i], nullptr, &takers[i]);
    take(ends[i], note, 0);
  }
}

int noted_signal() noexcept { return noted; }

void forget_noted_signal() noexcept { noted = 0; }

void ignore_broken_pipes() noexcept { std::signal(SIGPIPE, SIG_IGN); }

std::thread thread_without_signals(std::function<void()> body) {
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  // These are no messages: a thread that cannot take one dies of it without a word.
  for (const int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGSYS, SIGTRAP}) {
    ::sigdelset(&all, own);
  }
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread{std::move(body)};
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

} // namespace xprober
