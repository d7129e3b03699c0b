#pragma once

#include <array>
#include <csignal>
#include <functional>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace xprober::test {

/// A function in a process of its own, for what concerns a whole process: signals and its end. It
/// begins while the test has one thread, and ends after 60 s at the latest.
class child_process {
public:
  /// `body` gives the exit status.
  explicit child_process(const std::function<int()>& body) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
      return;
    }
    pid_ = ::fork();
    if (pid_ == 0) {
      ::alarm(60);
      ::dup2(ends[1], STDERR_FILENO);
      ::_exit(body());
    }
    ::close(ends[1]);
    from_ = ends[0];
  }

  ~child_process() {
    if (!waited_) {
      ::kill(pid_, SIGKILL);
      wait();
    }
    ::close(from_);
  }

  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  pid_t pid() const noexcept { return pid_; }

  /// Reads its standard error until `text` is there; false: it has ended without.
  bool says(std::string_view text) {
    while (said_.find(text) == std::string::npos) {
      if (!read_some()) {
        return false;
      }
    }
    return true;
  }

  /// "exit 1" or "signal 15".
  std::string wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    waited_ = true;
    return WIFEXITED(status) ? "exit " + std::to_string(WEXITSTATUS(status))
                             : "signal " + std::to_string(WTERMSIG(status));
  }

private:
  bool read_some() {
    std::array<char, 4096> buffer{};
    const auto n = ::read(from_, buffer.data(), buffer.size());
    if (n > 0) {
      said_.append(buffer.data(), static_cast<std::size_t>(n));
    }
    return n > 0;
  }

  pid_t pid_ = -1;
  int from_ = -1;
  bool waited_ = false;
  std::string said_;
};

/// Of the child: to be seen by `says`.
inline void say(std::string_view text) {
  [[maybe_unused]] const auto n = ::write(STDERR_FILENO, text.data(), text.size());
}

} // namespace xprober::test
