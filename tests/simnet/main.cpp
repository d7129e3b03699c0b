// simnet --config FILE --tun NAME --log FILE [--spin]
//
// Answers ICMP echoes for whole address blocks, as the rules of FILE say. Says "ready" on standard
// output once the device is there; addresses and routes are its user's to set. Ends on SIGTERM or
// SIGINT: it writes its log then, and one JSON object on standard output: requests, addresses,
// written, ignored, lost (packets that simnet could not hear), stalls {count, total_ns, max_ns}.
#include <algorithm>
#include <csignal>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>

#include <nlohmann/json.hpp>
#include <poll.h>

#include "simnet/request_tap.hpp"
#include "simnet/tun_device.hpp"
#include "simnet/world.hpp"

namespace simnet {

namespace {

volatile std::sig_atomic_t stop_wanted = 0;

struct options {
  std::string config;
  std::string tun;
  std::string log;
  bool spin = false; ///< never sleeps: a whole core for the least delay
};

/// Stops on SIGTERM and SIGINT, which are let in only while `device_loop` waits; with `spin` they
/// come any time.
void catch_signals(bool spin) {
  struct sigaction action{};
  action.sa_handler = [](int) { stop_wanted = 1; };
  sigset_t ends;
  sigemptyset(&ends);
  for (const int number : {SIGTERM, SIGINT}) {
    sigaction(number, &action, nullptr);
    sigaddset(&ends, number);
  }
  if (!spin) {
    sigprocmask(SIG_BLOCK, &ends, nullptr);
  }
}

/// Times in which this process was awake and did nothing: somebody else had its core. Between
/// reading the clock for a reply and writing it, nobody counts them.
struct stall_record {
  static constexpr nanoseconds shortest = std::chrono::microseconds{100};

  std::uint64_t count = 0;
  nanoseconds total{0};
  nanoseconds longest{0};

  void add(nanoseconds time) {
    ++count;
    total += time;
    longest = std::max(longest, time);
  }
};

/// Carries packets between the device and the world.
///
/// Requests are heard by the tap, with the kernel's time of each. The device's own queue has them
/// once more; it is emptied where nothing else is to be done.
class device_loop {
public:
  device_loop(const tun_device& device, request_tap& tap, world& net, bool spin)
      : device_(device), tap_(tap), world_(net), spin_(spin) {}

  const stall_record& stalls() const noexcept { return stalls_; }

  void run() {
    while (stop_wanted == 0) {
      tap_.read_clocks();
      const bool busy = hear_some();
      if (!write_some() && !busy && !empty_some() && !spin_) {
        wait();
      }
    }
  }

private:
  bool hear_some() {
    constexpr int most = 256;
    int count = 0;
    for (; count < most; ++count) {
      const auto heard = tap_.next();
      if (!heard) {
        break;
      }
      world_.receive(heard->packet, heard->at);
    }
    return count > 0;
  }

  bool write_some() {
    constexpr int most = 16;
    int count = 0;
    for (; count < most; ++count) {
      const auto due = world_.next_due();
      const time_point now = read_clock();
      if (!due || *due > now) {
        break;
      }
      world_.front_written(now, device_.write(world_.front()));
    }
    return count > 0;
  }

  bool empty_some() {
    constexpr int most = 16;
    int count = 0;
    while (count < most && device_.discard()) {
      ++count;
    }
    return count > 0;
  }

  /// One packet takes some microseconds from one reading to the next.
  time_point read_clock() {
    const time_point now = clock::now();
    if (now - last_read_ >= stall_record::shortest && last_read_ != time_point{}) {
      stalls_.add(now - last_read_);
    }
    last_read_ = now;
    return now;
  }

  void wait() {
    sigset_t none;
    sigemptyset(&none);
    pollfd readable{tap_.fd(), POLLIN, 0};
    timespec left{};
    const auto due = world_.next_due();
    if (due) {
      const auto ns = std::max<nanoseconds>(*due - clock::now(), nanoseconds{0}).count();
      left = {ns / 1'000'000'000, ns % 1'000'000'000};
    }
    ppoll(&readable, 1, due ? &left : nullptr, &none);
    if ((readable.revents & POLLERR) != 0) {
      tap_.clear_errors();
    }
    last_read_ = {};
  }

  const tun_device& device_;
  request_tap& tap_;
  world& world_;
  bool spin_;
  time_point last_read_{};
  stall_record stalls_;
};

bool read_options(int count, char** values, options& out) {
  std::map<std::string, std::string*> known{
      {"--config", &out.config}, {"--tun", &out.tun}, {"--log", &out.log}};
  for (int i = 1; i < count; ++i) {
    const std::string name = values[i];
    if (name == "--spin") {
      out.spin = true;
      continue;
    }
    const auto at = known.find(name);
    if (at == known.end() || i + 1 == count) {
      return false;
    }
    *at->second = values[++i];
  }
  return !out.config.empty() && !out.tun.empty() && !out.log.empty();
}

int run(const options& how) {
  std::ifstream file(how.config);
  if (!file) {
    throw config_error("cannot be opened");
  }
  world net(parse_config({std::istreambuf_iterator<char>(file), {}}));
  std::ofstream log(how.log);
  if (!log) {
    std::cerr << "simnet: " << how.log << ": cannot be written\n";
    return 1;
  }
  const tun_device device(how.tun);
  request_tap tap(how.tun);
  catch_signals(how.spin);
  std::cout << "ready" << std::endl;
  device_loop loop(device, tap, net, how.spin);
  loop.run();
  net.write_log(log);
  log.close();
  const stall_record& stalls = loop.stalls();
  const nlohmann::json summary{{"requests", net.requests()},
                               {"addresses", net.addresses()},
                               {"written", net.written()},
                               {"ignored", net.ignored()},
                               {"lost", tap.lost()},
                               {"stalls",
                                {{"count", stalls.count},
                                 {"total_ns", stalls.total.count()},
                                 {"max_ns", stalls.longest.count()}}}};
  std::cout << summary.dump() << std::endl;
  return log ? 0 : 1;
}

} // namespace

} // namespace simnet

int main(int count, char** values) {
  simnet::options how;
  if (!simnet::read_options(count, values, how)) {
    std::cerr << "usage: simnet --config FILE --tun NAME --log FILE [--spin]\n";
    return 2;
  }
  try {
    return simnet::run(how);
  } catch (const simnet::config_error& error) {
    std::cerr << "simnet: " << how.config << ": " << error.what() << '\n';
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "simnet: " << error.what() << '\n';
    return 1;
  }
}
