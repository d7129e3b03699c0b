// A web server that answers each request so long after it has come: `http_late`.
//
// Listens on a free port of all addresses, prints its number, and reads from standard input, a line
// each, how many microseconds late it answers from then on. `./dev bench http` holds so many probes
// of an agent in flight with it. Each connection has one request, as long as a segment, and is
// closed with its answer.

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string_view>
#include <vector>

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace {

using clock_type = std::chrono::steady_clock;
using std::chrono::microseconds;

constexpr std::string_view answer =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 83\r\nConnection: close\r\n\r\n"
    "It answers with a hundred bytes or so, as a page of a service's health would do it.";
constexpr int backlog = 65'535;

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::exit(1);
}

class late_server {
public:
  late_server() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener_, backlog) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      give_up("listen");
    }
    for (const int fd : {listener_, timer_, STDIN_FILENO}) {
      watch(fd);
    }
    std::printf("%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
  }

  /// Until standard input ends.
  void run() {
    std::vector<epoll_event> events(256);
    while (!ended_) {
      const int count = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), -1);
      if (count < 0 && errno != EINTR) {
        give_up("epoll_wait");
      }
      for (int i = 0; i < count; ++i) {
        take(events[static_cast<std::size_t>(i)].data.fd);
      }
      answer_due();
    }
  }

private:
  struct waiting {
    int fd;
    clock_type::time_point since;
  };

  void watch(int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    if (::epoll_ctl(poll_, EPOLL_CTL_ADD, fd, &event) != 0) {
      give_up("epoll_ctl");
    }
  }

  void take(int fd) {
    if (fd == listener_) {
      accept_all();
    } else if (fd == timer_) {
      std::uint64_t times = 0;
      [[maybe_unused]] const auto got = ::read(timer_, &times, sizeof times);
    } else if (fd == STDIN_FILENO) {
      read_delay();
    } else {
      char request[4096];
      if (::recv(fd, request, sizeof request, 0) <= 0) {
        ::close(fd);
        return;
      }
      // Nothing more of it is wanted, and who closes first meanwhile is found when it is answered.
      ::epoll_ctl(poll_, EPOLL_CTL_DEL, fd, nullptr);
      waiting_.push_back({fd, clock_type::now()});
    }
  }

  void accept_all() {
    int fd = -1;
    while ((fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
      watch(fd);
    }
  }

  void read_delay() {
    char line[64];
    const auto got = ::read(STDIN_FILENO, line, sizeof line - 1);
    if (got <= 0) {
      ended_ = true;
      return;
    }
    line[got] = '\0';
    delay_ = microseconds{std::atol(line)};
  }

  void answer_due() {
    const auto now = clock_type::now();
    while (!waiting_.empty() && waiting_.front().since + delay_ <= now) {
      const int fd = waiting_.front().fd;
      ::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
      ::close(fd);
      waiting_.pop_front();
    }
    if (!waiting_.empty()) {
      wake_in(waiting_.front().since + delay_ - now);
    }
  }

  void wake_in(clock_type::duration left) {
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(left).count();
    itimerspec when{};
    when.it_value.tv_sec = ns / 1'000'000'000;
    when.it_value.tv_nsec = ns % 1'000'000'000;
    ::timerfd_settime(timer_, 0, &when, nullptr);
  }

  int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int timer_ = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  int poll_ = ::epoll_create1(EPOLL_CLOEXEC);
  microseconds delay_{0};
  std::deque<waiting> waiting_; ///< in the order in which they came
  bool ended_ = false;
};

} // namespace

int main() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  late_server{}.run();
  return 0;
}
