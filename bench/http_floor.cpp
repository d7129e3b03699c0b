// What the kernel alone takes for an HTTP request on a connection of its own: socket, connect,
// epoll, send, recv, close, and, where liburing was there at the build, the same as one chain of
// io_uring.
//   http_floor IPV4:PORT [REQUESTS [IN_FLIGHT [epoll | ring]]]
// `./dev bench http` runs it beside its peers.

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef XPROBER_URING
#include <liburing.h>
#endif

namespace {

struct load {
  sockaddr_in to{};
  std::string request;
  long requests;
  std::size_t in_flight;
  long failed = 0;
};

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
}

double wall_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

bool is_answer(const char* bytes, std::size_t size) {
  return std::string_view{bytes, size}.starts_with("HTTP/1.1 200 ");
}

/// One request at a time of those in flight, on epoll.
struct exchange {
  int fd = -1;
  bool sent = false;
  bool answered = false;
};

class epoll_loop {
public:
  explicit epoll_loop(load& work) : work_(work), all_(work.in_flight), left_(work.requests) {}

  void run() {
    for (auto& one : all_) {
      begin(one);
    }
    std::array<epoll_event, 256> events;
    while (open_ > 0) {
      const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) {
        const auto& event = events[static_cast<std::size_t>(i)];
        take(*static_cast<exchange*>(event.data.ptr), event.events);
      }
    }
    ::close(epoll_);
  }

private:
  void begin(exchange& one) {
    if (left_ == 0) {
      return;
    }
    --left_;
    ++open_;
    one = {::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), false, false};
    const auto* to = reinterpret_cast<const sockaddr*>(&work_.to);
    epoll_event wanted{EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, {.ptr = &one}};
    if (one.fd < 0 || (::connect(one.fd, to, sizeof(work_.to)) != 0 && errno != EINPROGRESS) ||
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, one.fd, &wanted) != 0) {
      std::perror("http_floor");
      std::exit(1);
    }
  }

  void take(exchange& one, unsigned what) {
    if (!one.sent) {
      if ((what & EPOLLOUT) == 0) {
        return;
      }
      one.sent = true;
      const auto size = ::send(one.fd, work_.request.data(), work_.request.size(), MSG_NOSIGNAL);
      if (size != static_cast<ssize_t>(work_.request.size())) {
        end(one, false);
        return;
      }
    }
    if (!one.answered && (what & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) {
      std::array<char, 4096> bytes;
      const auto size = ::recv(one.fd, bytes.data(), bytes.size(), 0);
      if (size < 0 && errno == EAGAIN) {
        return;
      }
      one.answered = size > 0 && is_answer(bytes.data(), static_cast<std::size_t>(size));
      if (!one.answered) {
        end(one, false);
        return;
      }
    }
    // The server closes first, so that no port is kept here.
    if (one.answered && (what & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
      end(one, true);
    }
  }

  void end(exchange& one, bool well) {
    work_.failed += well ? 0 : 1;
    ::close(one.fd);
    --open_;
    begin(one);
  }

  load& work_;
  std::vector<exchange> all_;
  long left_;
  long open_ = 0;
  int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
};

#ifdef XPROBER_URING
/// Each request is a chain: socket, connect, send, recv up to the end, close.
class ring_loop {
public:
  explicit ring_loop(load& work) : work_(work), buffers_(work.in_flight), left_(work.requests) {
    io_uring_params wanted{};
    wanted.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN | IORING_SETUP_CQSIZE;
    wanted.cq_entries =
        static_cast<unsigned>(std::clamp<std::size_t>(work.in_flight * 4, 4096, 65536));
    int error = ::io_uring_queue_init_params(4096, &ring_, &wanted);
    error = error != 0
                ? error
                : ::io_uring_register_files_sparse(&ring_, static_cast<unsigned>(work.in_flight));
    if (error != 0) {
      std::fprintf(stderr, "http_floor: io_uring: error %d\n", -error);
      std::exit(1);
    }
  }
  ~ring_loop() { ::io_uring_queue_exit(&ring_); }
  ring_loop(const ring_loop&) = delete;
  ring_loop& operator=(const ring_loop&) = delete;

  void run() {
    for (std::size_t i = 0; i < buffers_.size(); ++i) {
      begin(i);
    }
    while (open_ > 0) {
      ::io_uring_submit_and_wait(&ring_, 1);
      io_uring_cqe* done = nullptr;
      unsigned head = 0;
      unsigned count = 0;
      io_uring_for_each_cqe(&ring_, head, done) {
        take(*done);
        ++count;
      }
      ::io_uring_cq_advance(&ring_, count);
    }
  }

private:
  enum step : std::uint64_t { earlier, received, closed };

  io_uring_sqe& next() {
    auto* entry = ::io_uring_get_sqe(&ring_);
    while (entry == nullptr) {
      ::io_uring_submit(&ring_);
      entry = ::io_uring_get_sqe(&ring_);
    }
    return *entry;
  }

  static void mark(io_uring_sqe& entry, std::size_t who, step what, unsigned flags) {
    entry.flags = static_cast<std::uint8_t>(entry.flags | flags);
    entry.user_data = static_cast<std::uint64_t>(who) << 2 | what;
  }

  void begin(std::size_t who) {
    if (left_ == 0) {
      return;
    }
    --left_;
    ++open_;
    if (::io_uring_sq_space_left(&ring_) < 5) {
      ::io_uring_submit(&ring_); // a chain must not be cut
    }
    const auto slot = static_cast<int>(who);
    constexpr unsigned quiet = IOSQE_CQE_SKIP_SUCCESS;
    constexpr unsigned fixed = IOSQE_FIXED_FILE;
    auto& made = next();
    ::io_uring_prep_socket_direct(&made, AF_INET, SOCK_STREAM, 0, static_cast<unsigned>(slot), 0);
    mark(made, who, earlier, IOSQE_IO_LINK | quiet);
    auto& joined = next();
    ::io_uring_prep_connect(&joined, slot, reinterpret_cast<const sockaddr*>(&work_.to),
                            sizeof(work_.to));
    mark(joined, who, earlier, fixed | IOSQE_IO_LINK | quiet);
    auto& asked = next();
    ::io_uring_prep_send(&asked, slot, work_.request.data(), work_.request.size(), MSG_NOSIGNAL);
    mark(asked, who, earlier, fixed | IOSQE_IO_LINK | quiet);
    auto& heard = next();
    // All of it and the end: less than the buffer is no fault, but ends a chain that is not hard.
    ::io_uring_prep_recv(&heard, slot, buffers_[who].data(), buffers_[who].size(), MSG_WAITALL);
    mark(heard, who, received, fixed | IOSQE_IO_HARDLINK);
    auto& shut = next();
    ::io_uring_prep_close_direct(&shut, static_cast<unsigned>(slot));
    mark(shut, who, closed, 0);
  }

  void take(const io_uring_cqe& done) {
    const auto who = static_cast<std::size_t>(done.user_data >> 2);
    switch (static_cast<step>(done.user_data & 3)) {
    case earlier: break; // a failure: what is linked to it is cancelled, and counted there
    case received:
      work_.failed +=
          done.res > 0 && is_answer(buffers_[who].data(), static_cast<std::size_t>(done.res)) ? 0
                                                                                              : 1;
      break;
    case closed:
      --open_;
      begin(who);
      break;
    }
  }

  load& work_;
  std::vector<std::array<char, 1024>> buffers_;
  long left_;
  long open_ = 0;
  io_uring ring_{};
};
#endif

} // namespace

int main(int argc, char** argv) {
  const std::string_view address = argc > 1 ? argv[1] : "";
  const auto colon = address.rfind(':');
  load work;
  work.to.sin_family = AF_INET;
  if (colon == address.npos ||
      ::inet_pton(AF_INET, std::string{address.substr(0, colon)}.c_str(), &work.to.sin_addr) != 1) {
    std::fprintf(stderr, "usage: http_floor IPV4:PORT [REQUESTS [IN_FLIGHT [epoll | ring]]]\n");
    return 2;
  }
  work.to.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1] + colon + 1)));
  work.request = "GET / HTTP/1.1\r\nHost: " + std::string{address} +
                 "\r\nUser-Agent: http_floor\r\nAccept: */*\r\nConnection: close\r\n\r\n";
  work.requests = argc > 2 ? std::atol(argv[2]) : 100'000;
  work.in_flight = static_cast<std::size_t>(
      std::clamp(argc > 3 ? std::atol(argv[3]) : 64L, 1L, std::max(work.requests, 1L)));
  const bool ring = argc > 4 && std::string_view{argv[4]} == "ring";
  const auto began = wall_now();
  if (ring) {
#ifdef XPROBER_URING
    ring_loop{work}.run();
#else
    std::fprintf(stderr, "http_floor: built without liburing\n");
    return 2;
#endif
  } else {
    epoll_loop{work}.run();
  }
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const double each = 1e6 / static_cast<double>(work.requests);
  std::printf("%ld requests in %.2f s: %ld failed, %.1f us CPU a request, %.1f of them in user "
              "space\n",
              work.requests, wall_now() - began, work.failed,
              (seconds(used.ru_utime) + seconds(used.ru_stime)) * each,
              seconds(used.ru_utime) * each);
  return work.failed == 0 ? 0 : 1;
}
