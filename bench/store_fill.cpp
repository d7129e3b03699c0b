// Fills a running server: makes batches as an agent's spool does, and pushes them over HTTP one
// after the other. `store_fill HOST PORT ROWS ROUNDS REGIONS URLS [SECONDS]`: ROUNDS results of
// each of ROWS targets in REGIONS regions, the first URLS of them URLs. With SECONDS a round takes
// so long, as far as the server takes it. Prints one JSON object for each round.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <future>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "xprober/domain/kind_series.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/wire/batch.hpp"

using namespace xprober;

namespace {

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::exit(1);
}

double cpu_seconds(clockid_t clock) {
  std::timespec t{};
  ::clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

std::int64_t unix_ms() {
  return std::chrono::duration_cast<milliseconds>(wall_clock::now().time_since_epoch()).count();
}

class connection {
public:
  connection(const char* host, int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    ::inet_pton(AF_INET, host, &to.sin_addr);
    if (socket_ < 0 || ::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      give_up("connect");
    }
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ~connection() { ::close(socket_); }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// Pushes one batch and waits for its acknowledgement.
  void push(const std::string& batch) {
    send("POST /rpc/Server.PushBatch HTTP/1.1\r\nHost: bench\r\nContent-Type: "
         "application/x-xprober-batch\r\nContent-Length: " +
         std::to_string(batch.size()) + "\r\n\r\n");
    send(batch);
    std::string answer;
    auto head = std::string::npos;
    while ((head = answer.find("\r\n\r\n")) == std::string::npos) {
      receive(answer);
    }
    const auto field = answer.find("Content-Length: ");
    const auto length = std::strtoull(answer.c_str() + field + 16, nullptr, 10);
    while (answer.size() < head + 4 + length) {
      receive(answer);
    }
    if (answer.rfind("HTTP/1.1 200", 0) != 0) {
      std::fprintf(stderr, "%s\n", answer.c_str());
      std::exit(1);
    }
  }

private:
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        give_up("send");
      }
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void receive(std::string& into) {
    char buffer[4096];
    const auto got = ::recv(socket_, buffer, sizeof buffer, 0);
    if (got <= 0) {
      give_up("receive");
    }
    into.append(buffer, static_cast<std::size_t>(got));
  }

  int socket_;
};

std::vector<target_ref> make_targets(std::uint32_t rows, std::uint32_t regions,
                                     std::uint32_t urls) {
  std::vector<target_ref> targets;
  for (std::uint32_t i = 0; i < rows; ++i) {
    // Neighbours are of one region, as an agent's list has them.
    const auto region = "region-" + std::to_string(std::uint64_t{i} * regions / rows);
    const auto host = "10." + std::to_string(i >> 16U) + "." + std::to_string((i >> 8U) & 255U) +
                      "." + std::to_string(i & 255U);
    const bool url = i < urls;
    targets.push_back(new_counted<const target_spec>(target_spec{
        {region, url ? "http://" + host + "/health" : host, url ? kinds::http() : kinds::icmp()},
        i}));
  }
  return targets;
}

probe_outcome draw(std::mt19937& random, bool url) {
  std::lognormal_distribution<float> time{3, 0.8F};
  probe_outcome outcome;
  outcome.success = true;
  outcome.started = wall_clock::now();
  outcome.duration = milliseconds{40};
  auto& values = outcome.values;
  if (url) {
    namespace column = kinds::http_column;
    for (auto i = column::first_phase; i < column::status; ++i) {
      values.set(i, time(random));
    }
    values.set_whole(column::status, 200);
    values.set_whole(column::redirects, 0);
    values.set_whole(column::body_bytes, 1200);
    return outcome;
  }
  namespace column = kinds::icmp_column;
  const auto mean = time(random);
  values.set(column::loss, random() % 16 == 0 ? 2.0F : 0.0F);
  values.set(column::latency, mean);
  values.set_whole(column::sent, 50);
  values.set(column::min, mean * 0.9F);
  values.set(column::max, mean * 1.4F);
  values.set(column::stddev, mean * 0.1F);
  values.set(column::jitter, 0.2F);
  values.set(column::p50, mean);
  values.set(column::p90, mean * 1.2F);
  values.set(column::p99, mean * 1.3F);
  values.set_whole(column::reply_ttl, 60);
  return outcome;
}

struct made_round {
  std::vector<std::string> batches;
  std::uint64_t values = 0;
  double cpu_seconds = 0;
};

/// Makes the batches of one result of each target.
class filler {
public:
  filler(std::uint32_t rows, std::uint32_t regions, std::uint32_t urls)
      : urls_(urls), targets_(make_targets(rows, regions, urls)) {
    for (auto& byte : instance_) {
      byte = static_cast<std::uint8_t>(std::random_device{}());
    }
  }

  std::size_t rows() const { return targets_.size(); }

  made_round make() {
    made_round out;
    const auto cpu_before = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
    batch_encoder encoder{{"bench", "127.0.0.1"}};
    for (const auto& target : targets_) {
      const auto outcome = draw(random_, target->index < urls_);
      out.values += count_values(kind_shape{target->kind()}, outcome.state(), outcome.values);
      encoder.add({target, outcome});
      if (encoder.body_bytes() >= full_batch_body || target == targets_.back()) {
        out.batches.push_back(encoder.finish(instance_, ++sequence_, unix_ms()));
      }
    }
    out.cpu_seconds = cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - cpu_before;
    return out;
  }

private:
  std::uint32_t urls_;
  std::vector<target_ref> targets_;
  std::mt19937 random_{1};
  agent_instance instance_{};
  std::uint64_t sequence_ = 0;
};

} // namespace

int main(int count, char** arguments) {
  if (count != 7 && count != 8) {
    std::fprintf(stderr, "usage: store_fill HOST PORT ROWS ROUNDS REGIONS URLS [SECONDS]\n");
    return 2;
  }
  const auto number = [&](int i) { return static_cast<std::uint32_t>(std::atoi(arguments[i])); };
  using seconds = std::chrono::duration<double>;
  const seconds of_a_round{count == 8 ? std::atof(arguments[7]) : 0};
  filler source{number(3), number(5), number(6)};
  connection server{arguments[1], static_cast<int>(number(2))};
  // The next round is made while one is pushed, where that is to be in time.
  const auto how = of_a_round.count() > 0 ? std::launch::async : std::launch::deferred;
  const auto make = [&source] { return source.make(); };
  auto next = std::async(how, make);
  next.wait();
  const auto first = monotonic_clock::now();
  const auto rounds = number(4);
  for (std::uint32_t round = 0; round < rounds; ++round) {
    auto made = next.get();
    if (round + 1 < rounds) {
      next = std::async(how, make);
    }
    const auto began = monotonic_clock::now();
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < made.batches.size(); ++i) {
      const auto share = static_cast<double>(i) / static_cast<double>(made.batches.size());
      std::this_thread::sleep_until(
          first + std::chrono::duration_cast<nanoseconds>((round + share) * of_a_round));
      stamp_batch(made.batches[i], unix_ms());
      server.push(made.batches[i]);
      bytes += made.batches[i].size();
    }
    const auto ended = monotonic_clock::now();
    std::printf("{\"rows\": %zu, \"values\": %llu, \"batches\": %zu, \"bytes\": %llu, "
                "\"make_cpu_seconds\": %.3f, \"push_seconds\": %.3f, \"ended_seconds\": %.3f}\n",
                source.rows(), static_cast<unsigned long long>(made.values), made.batches.size(),
                static_cast<unsigned long long>(bytes), made.cpu_seconds,
                seconds{ended - began}.count(), seconds{ended - first}.count());
    std::fflush(stdout);
  }
}
