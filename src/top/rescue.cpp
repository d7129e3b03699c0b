#include "xprober/top/rescue.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xprober/top/screen_text.hpp"

namespace xprober::top {

namespace {

constexpr off_t most_held = 256 * 1024;

/// Read by a handler of signals: its parts are set while it is not armed.
struct rescue_plan {
  std::atomic<bool> armed{false};
  termios modes{};
  std::array<char, 256> farewell{};
  std::size_t length = 0;
};
rescue_plan plan_of_rescue;

std::atomic<int> held_file{-1}; ///< in the place of standard error; -1: nothing is held back
std::atomic<int> errors_before{-1};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

/// Of a crash, and of others that end a process: from the keyboard it is Ctrl-\ that does so.
constexpr std::array crash_signals{SIGSEGV, SIGBUS,  SIGFPE,  SIGILL, SIGABRT,
                                   SIGSYS,  SIGTRAP, SIGQUIT, SIGXCPU};
std::array<struct sigaction, crash_signals.size()> crash_takers{};
bool crashes_are_caught = false;

void give_crashes_back() noexcept {
  for (std::size_t i = 0; i < crash_signals.size(); ++i) {
    ::sigaction(crash_signals[i], &crash_takers[i], nullptr);
  }
}

extern "C" void leave_screen(int number) {
  if (plan_of_rescue.armed.exchange(false)) {
    [[maybe_unused]] const auto written =
        ::write(STDOUT_FILENO, plan_of_rescue.farewell.data(), plan_of_rescue.length);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &plan_of_rescue.modes);
    release_errors();
  }
  give_crashes_back();
  ::raise(number); // which comes when this has returned
}

void copy_to_errors(int from) noexcept {
  std::array<char, 4096> piece;
  ::lseek(from, 0, SEEK_SET);
  for (ssize_t got = 0; (got = ::read(from, piece.data(), piece.size())) > 0;) {
    for (ssize_t at = 0; at < got;) {
      const auto left = static_cast<std::size_t>(got - at);
      const auto wrote = ::write(STDERR_FILENO, piece.data() + at, left);
      if (wrote <= 0) {
        return;
      }
      at += wrote;
    }
  }
}

} // namespace

void arm_rescue(const termios& modes, std::string_view farewell) noexcept {
  plan_of_rescue.armed = false;
  plan_of_rescue.modes = modes;
  plan_of_rescue.length = std::min(farewell.size(), plan_of_rescue.farewell.size());
  std::memcpy(plan_of_rescue.farewell.data(), farewell.data(), plan_of_rescue.length);
  plan_of_rescue.armed = true;
  if (std::exchange(crashes_are_caught, true)) {
    return;
  }
  for (std::size_t i = 0; i < crash_signals.size(); ++i) {
    struct sigaction action{};
    action.sa_handler = leave_screen;
    ::sigemptyset(&action.sa_mask);
    ::sigaction(crash_signals[i], &action, &crash_takers[i]);
    if (crash_takers[i].sa_handler == SIG_IGN) { // it ends nothing
      ::sigaction(crash_signals[i], &crash_takers[i], nullptr);
    }
  }
}

void disarm_rescue() noexcept {
  plan_of_rescue.armed = false;
  if (std::exchange(crashes_are_caught, false)) {
    give_crashes_back();
  }
}

void hold_errors() noexcept {
  if (held_file >= 0 || ::isatty(STDERR_FILENO) != 1) {
    return;
  }
  const int held = ::memfd_create("errors", MFD_CLOEXEC);
  const int before = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  // Each line goes to the end, also where what stood there has gone.
  if (held < 0 || before < 0 || ::fcntl(held, F_SETFL, O_APPEND) != 0 ||
      ::dup2(held, STDERR_FILENO) < 0) {
    ::close(held);
    ::close(before);
    return;
  }
  errors_before = before;
  held_file = held;
}

void release_errors() noexcept {
  const int held = held_file.exchange(-1);
  if (held < 0) {
    return;
  }
  const int before = errors_before.exchange(-1);
  ::dup2(before, STDERR_FILENO);
  copy_to_errors(held);
  ::close(before);
  ::close(held);
}

void bound_held_errors() noexcept {
  struct stat size{};
  const int held = held_file;
  if (held >= 0 && ::fstat(held, &size) == 0 && size.st_size > most_held &&
      ::ftruncate(held, 0) == 0) {
    constexpr std::string_view note = "older lines were left out\n";
    [[maybe_unused]] const auto written = ::write(held, note.data(), note.size());
  }
}

std::string last_held_error() {
  constexpr off_t longest = 4096;
  struct stat size{};
  const int held = held_file;
  if (held < 0 || ::fstat(held, &size) != 0) {
    return {};
  }
  std::string tail(static_cast<std::size_t>(std::min(size.st_size, longest)), '\0');
  const auto got =
      ::pread(held, tail.data(), tail.size(), size.st_size - static_cast<off_t>(tail.size()));
  tail.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  tail.resize(tail.find_last_not_of('\n') + 1);
  return clean(std::string_view{tail}.substr(tail.rfind('\n') + 1));
}

} // namespace xprober::top
