// CPU time of a TCP probe beside its floor, a loop of socket, connect, epoll and close:
//   tcp_engine [PROBES [IN_FLIGHT [ROUNDS]]]
// The listener is a process of its own.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <netinet/in.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "xprober/base/memory.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/probes/tcp/engine.hpp"

namespace {

using namespace xprober;

double cpu_now() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// A process that accepts and closes connections on a free loopback port.
class listener {
public:
  listener() {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address_);
    ::bind(fd, reinterpret_cast<sockaddr*>(&address_), size);
    ::listen(fd, 4096);
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address_), &size);
    child_ = ::fork();
    if (child_ == 0) {
      for (;;) {
        ::close(::accept(fd, nullptr, nullptr));
      }
    }
    ::close(fd);
  }
  ~listener() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

  const sockaddr_in& address() const { return address_; }
  std::string target() const { return "127.0.0.1:" + std::to_string(ntohs(address_.sin_port)); }

private:
  sockaddr_in address_{};
  pid_t child_ = -1;
};

/// Connects so often, so many at a time; gives the CPU seconds.
double run_floor(const sockaddr_in& to, long probes, long in_flight) {
  const double begun = cpu_now();
  const int poll = ::epoll_create1(0);
  long started = 0;
  const auto start_one = [&] {
    ++started;
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof(to));
    epoll_event event{};
    event.events = EPOLLOUT;
    event.data.fd = fd;
    ::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
  };
  while (started < in_flight) {
    start_one();
  }
  std::vector<epoll_event> events(128);
  for (long ended = 0; ended < probes;) {
    const int n = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < n; ++i) {
      const linger now{1, 0}; // as the engine does: no port stays in TIME_WAIT
      ::setsockopt(events[static_cast<std::size_t>(i)].data.fd, SOL_SOCKET, SO_LINGER, &now,
                   sizeof(now));
      ::close(events[static_cast<std::size_t>(i)].data.fd);
      ++ended;
      if (started < probes) {
        start_one();
      }
    }
  }
  ::close(poll);
  return cpu_now() - begun;
}

/// So many probes in flight until all were made. After the first ones all happens on the engine's
/// thread.
struct closed_loop {
  probe_engine& engine;
  target_ref target;
  long to_start;
  long to_end;
  long failed = 0;
  std::promise<void> done{};

  void start_one() {
    --to_start;
    engine.start({target, monotonic_clock::now()}, [this](probe_outcome&& o) { take(o); });
  }

  void take(const probe_outcome& outcome) {
    failed += outcome.success ? 0 : 1;
    if (to_start > 0) {
      start_one();
    }
    if (--to_end == 0) {
      done.set_value();
    }
  }
};

} // namespace

int main(int argc, char** argv) {
  keep_freed_memory(); // as the program does
  const auto argument = [&](int i, long otherwise) {
    return argc > i ? std::max(std::atol(argv[i]), 1L) : otherwise;
  };
  const long probes = argument(1, 100'000);
  const long in_flight = std::min(argument(2, 64), probes);
  const listener server;
  agent_config config;
  config.tcp.max_in_flight = static_cast<std::uint32_t>(in_flight);
  const auto engine = tcp::make_engine(config);
  const auto target =
      new_counted<target_spec>(target_spec{{"bench", server.target(), kinds::tcp()}, 0});
  const double each = 1e6 / static_cast<double>(probes);
  for (long round = argument(3, 3); round > 0; --round) {
    const double floor = run_floor(server.address(), probes, in_flight);
    closed_loop loop{*engine, target, probes - in_flight, probes};
    const double begun = cpu_now();
    for (long i = 0; i < in_flight; ++i) {
      engine->start({target, monotonic_clock::now()},
                    [&](probe_outcome&& outcome) { loop.take(outcome); });
    }
    loop.done.get_future().wait();
    const double used = cpu_now() - begun;
    std::printf("floor %.2f us CPU, engine %.2f us CPU a probe: %.2f of the floor; %ld failed\n",
                floor * each, used * each, used / floor, loop.failed);
  }
  engine->stop();
  return 0;
}
