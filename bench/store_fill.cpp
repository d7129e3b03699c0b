// Fills a running server: makes batches as an agent's spool does, and pushes them over HTTP one
// after the other. `store_fill HOST PORT ROWS ROUNDS REGIONS URLS`: ROUNDS results of each of ROWS
// targets in REGIONS regions, the first URLS of them URLs. Prints one JSON object for each round.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <random>
#include <string>
#include <string_view>
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

double cpu_seconds() {
  std::timespec t{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
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
    targets.push_back(std::make_shared<const target_spec>(target_spec{
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

} // namespace

int main(int count, char** arguments) {
  if (count != 7) {
    std::fprintf(stderr, "usage: store_fill HOST PORT ROWS ROUNDS REGIONS URLS\n");
    return 2;
  }
  const auto number = [&](int i) { return static_cast<std::uint32_t>(std::atoi(arguments[i])); };
  const auto urls = number(6);
  const auto targets = make_targets(number(3), number(5), urls);
  connection server{arguments[1], static_cast<int>(number(2))};
  std::mt19937 random{1};
  agent_instance instance{};
  for (auto& byte : instance) {
    byte = static_cast<std::uint8_t>(std::random_device{}());
  }
  std::uint64_t sequence = 0;
  for (std::uint32_t round = 0; round < number(4); ++round) {
    const auto cpu_before = cpu_seconds();
    std::vector<std::string> batches;
    batch_encoder encoder{{"bench", "127.0.0.1"}};
    std::uint64_t values = 0;
    for (const auto& target : targets) {
      const bool url = target->index < urls;
      const auto outcome = draw(random, url);
      values += count_values(kind_shape{target->kind()}, outcome.state(), outcome.values);
      encoder.add({target, outcome});
      if (encoder.body_bytes() >= full_batch_body || target == targets.back()) {
        batches.push_back(encoder.finish(instance, ++sequence, unix_ms()));
      }
    }
    const auto cpu_made = cpu_seconds();
    const auto began = monotonic_clock::now();
    std::uint64_t bytes = 0;
    for (auto& batch : batches) {
      stamp_batch(batch, unix_ms());
      server.push(batch);
      bytes += batch.size();
    }
    std::printf("{\"rows\": %zu, \"values\": %llu, \"batches\": %zu, \"bytes\": %llu, "
                "\"make_cpu_seconds\": %.3f, \"push_seconds\": %.3f}\n",
                targets.size(), static_cast<unsigned long long>(values), batches.size(),
                static_cast<unsigned long long>(bytes), cpu_made - cpu_before,
                std::chrono::duration<double>(monotonic_clock::now() - began).count());
    std::fflush(stdout);
  }
}
