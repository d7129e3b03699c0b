// Runs a command once and prints what that took as a JSON object: `start_once COMMAND
// [ARGUMENT]...`. The kernel counts the memory that a process had before exec as well, so who
// starts it has to be small: an interpreter would be larger than what is measured.

#include <cstdio>
#include <cstdlib>
#include <ctime>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

double wall_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

double ms(const timeval& t) {
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_usec) / 1e3;
}

} // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: start_once COMMAND [ARGUMENT]...\n");
    return 2;
  }
  const double began = wall_ms();
  const pid_t child = ::fork();
  if (child == 0) {
    const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    ::dup2(nowhere, STDIN_FILENO);
    ::dup2(nowhere, STDOUT_FILENO);
    ::execvp(arguments[1], arguments + 1);
    std::perror(arguments[1]);
    ::_exit(127);
  }
  int status = 0;
  rusage usage{};
  if (child < 0 || ::wait4(child, &status, 0, &usage) != child) {
    std::perror("start_once");
    return 1;
  }
  const double ended = wall_ms();
  std::printf("{\"status\": %d, \"wall_ms\": %.3f, \"cpu_ms\": %.3f, \"resident_bytes\": %ld}\n",
              WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), ended - began,
              ms(usage.ru_utime) + ms(usage.ru_stime), usage.ru_maxrss * 1024);
  return 0;
}
