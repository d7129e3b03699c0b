// The delivery of an agent without its probing: the results actor, the spool, the pusher and the
// connection as `xprober agent` wires them, fed at a fixed rate by a thread whose own CPU time is
// told apart. Run by `./dev bench delivery`, which says what the options mean.
//
// Prints one JSON object a line on standard output, cumulative since the start, once a second:
//   {"seconds", "generated", "acked", "pending", "dropped", "process_cpu", "generator_cpu",
//    "spool_bytes", "batches_ok", "batches_failed"}
// and after --seconds, when all is delivered, a last one with "done": true.

#include <atomic>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <thread>

#include <nlohmann/json.hpp>

#include "xprober/actors/agent/pusher.hpp"
#include "xprober/actors/agent/results.hpp"
#include "xprober/actors/agent/spool.hpp"
#include "xprober/app/actor_host.hpp"
#include "xprober/base/log.hpp"
#include "xprober/base/version.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/probes/icmp/summary.hpp"
#include "xprober/rpc/client.hpp"
#include "xprober/rpc/client_engine.hpp"

namespace {

using namespace xprober;
using namespace std::chrono_literals;

struct settings {
  std::string server = "127.0.0.1:6001";
  std::string state_dir;       ///< empty: the spool stays in memory
  std::uint64_t rate = 66'700; ///< results a second
  std::uint64_t targets = 1'000'000;
  std::uint64_t seconds = 60;
  std::uint64_t echoes = 50; ///< of each probe; 1: the rows of a million targets, which are shorter
};

double cpu_seconds(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

settings read_arguments(int argc, char** argv) {
  settings s;
  const std::map<std::string, std::uint64_t*> numbers{{"--rate", &s.rate},
                                                      {"--targets", &s.targets},
                                                      {"--seconds", &s.seconds},
                                                      {"--echoes", &s.echoes}};
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string key = argv[i];
    const std::string value = argv[i + 1];
    if (const auto number = numbers.find(key); number != numbers.end()) {
      const auto [end, error] =
          std::from_chars(value.data(), value.data() + value.size(), *number->second);
      if (error != std::errc{} || end != value.data() + value.size() || *number->second == 0) {
        throw std::runtime_error(key + " " + value + ": not a number above 0");
      }
    } else if (key == "--server") {
      s.server = value;
    } else if (key == "--state-dir") {
      s.state_dir = value;
    } else {
      throw std::runtime_error(key + ": not known");
    }
  }
  return s;
}

/// Results like those of a network: each target has a distance of its own, and noise.
class generator {
public:
  generator(const settings& s, results_actor to) : settings_(s), results_(std::move(to)) {
    specs_.reserve(s.targets);
    for (std::uint64_t i = 0; i < s.targets; ++i) {
      auto spec = new_counted<target_spec>();
      spec->uid = {"r-" + std::to_string(i % 10),
                   "10." + std::to_string(i >> 16U & 255U) + "." + std::to_string(i >> 8U & 255U) +
                       "." + std::to_string(i & 255U),
                   kinds::icmp()};
      spec->index = static_cast<target_index>(i);
      caf::anon_send(results_, target_begun{spec});
      specs_.push_back(std::move(spec));
    }
  }

  void run() {
    constexpr auto step = 10ms;
    const auto began = monotonic_clock::now();
    std::uint64_t made = 0;
    std::uint64_t next = 0;
    for (std::uint64_t slot = 1; !stop.load(std::memory_order_relaxed); ++slot) {
      std::this_thread::sleep_until(began + slot * step);
      result_round round;
      for (const auto due = settings_.rate * slot / 100; made < due; ++made) {
        round.results.push_back(result_of(specs_[next]));
        next = next + 1 == specs_.size() ? 0 : next + 1;
      }
      caf::anon_send(results_, std::move(round));
      generated.store(made, std::memory_order_relaxed);
      cpu.store(cpu_seconds(CLOCK_THREAD_CPUTIME_ID), std::memory_order_relaxed);
    }
  }

  std::atomic<std::uint64_t> generated{0};
  std::atomic<double> cpu{0};
  std::atomic<bool> stop{false};

private:
  probe_result_ptr result_of(const target_ref& target) {
    icmp_summary s;
    s.sent = static_cast<std::uint32_t>(settings_.echoes);
    s.received = s.sent;
    const float base = 1.0F + 0.0003F * static_cast<float>(target->index % 700'000);
    s.rtt.mean = base * (1.0F + 0.1F * noise(random_));
    s.reply_ttl = static_cast<std::uint8_t>(64 - target->index % 30);
    if (settings_.echoes == 1) {
      s.rtt.min = s.rtt.max = s.rtt.p50 = s.rtt.p90 = s.rtt.p99 = s.rtt.mean;
    } else {
      s.rtt.min = base * (0.9F + 0.01F * noise(random_));
      s.rtt.max = base * (1.5F + noise(random_));
      s.rtt.stddev = 0.05F * base * (1.0F + noise(random_));
      s.rtt.jitter = 0.03F * base * (1.0F + noise(random_));
      s.rtt.p50 = base * (0.95F + 0.05F * noise(random_));
      s.rtt.p90 = base * (1.1F + 0.1F * noise(random_));
      s.rtt.p99 = base * (1.3F + 0.3F * noise(random_));
    }
    probe_outcome outcome;
    outcome.success = true;
    outcome.started = wall_clock::now();
    outcome.duration = std::chrono::duration_cast<nanoseconds>(
        std::chrono::duration<float, std::milli>(s.rtt.mean * static_cast<float>(s.sent)));
    write_summary(s, outcome);
    return new_counted<const probe_result>(probe_result{target, std::move(outcome)});
  }

  std::uniform_real_distribution<float> noise{0.0F, 1.0F};
  std::minstd_rand random_{1};
  settings settings_;
  results_actor results_;
  std::vector<target_ref> specs_;
};

/// The delivery's actors.
struct delivery {
  delivery(app::actor_host& host, const settings& s) {
    const agent_identity identity{"r-a", "10.255.0.1"};
    const auto& stats = host.stats();
    results =
        host.spawn(actor_kind::results, xprober::results, stats, std::uint64_t{2'000'000}, nullptr);
    caf::anon_send(stats, stats_reporter{caf::actor_cast<caf::actor>(results)});
    rpc::client_options options;
    options.servers = {s.server};
    connection = std::make_shared<rpc::client_engine>(host.io(), std::move(options));
    client = host.spawn(actor_kind::rpc_client, rpc::rpc_client, connection, stats);
    storage::spool_options spooling;
    spooling.directory = s.state_dir;
    spooling.identity = identity;
    auto spool = host.spawn<caf::detached>(actor_kind::spool, xprober::spool, std::move(spooling),
                                           results, stats);
    pusher = host.spawn(actor_kind::pusher, xprober::pusher, results, std::move(spool), client,
                        stats, caf::timespan{5s});
    caf::scoped_actor self{host.system()};
    self->request(client, 30s, get_targets_request{identity.region, identity.local_ip, {}})
        .receive(
            [this](const get_targets_response& answer) {
              caf::anon_send(pusher, server_abilities{answer.batch_version});
            },
            [](const caf::error& error) {
              throw std::runtime_error("no answer from the server: " + caf::to_string(error));
            });
  }

  results_actor results;
  rpc_client_actor client;
  pusher_actor pusher;
  std::shared_ptr<rpc::client_engine> connection;
};

void report(app::actor_host& host, const generator& source, double seconds, bool done) {
  caf::scoped_actor self{host.system()};
  self->request(host.stats(), 10s, get_stats_atom_v)
      .receive(
          [&](const stats_snapshot& now) {
            const nlohmann::json line{{"seconds", seconds},
                                      {"generated", source.generated.load()},
                                      {"acked", now.push.results_acked},
                                      {"pending", now.push.pending},
                                      {"dropped", now.push.results_dropped},
                                      {"process_cpu", cpu_seconds(CLOCK_PROCESS_CPUTIME_ID)},
                                      {"generator_cpu", source.cpu.load()},
                                      {"spool_bytes", now.push.spool_bytes},
                                      {"batches_ok", now.push.batches_ok},
                                      {"batches_failed", now.push.batches_failed},
                                      {"done", done}};
            std::cout << line.dump() << std::endl;
          },
          [](const caf::error&) { std::cerr << "the stats actor does not answer\n"; });
}

/// Pushes what is left; true once everything was acknowledged or dropped.
bool deliver_rest(app::actor_host& host, const delivery& parts, std::uint64_t generated) {
  caf::scoped_actor self{host.system()};
  self->request(parts.pusher, 120s, flush_atom_v)
      .receive([](const flush_report&) {},
               [](const caf::error& error) {
                 std::cerr << "the flush failed: " << caf::to_string(error) << '\n';
               });
  bool all = false;
  self->request(host.stats(), 10s, get_stats_atom_v)
      .receive(
          [&](const stats_snapshot& now) {
            all = now.push.results_acked + now.push.results_dropped >= generated;
          },
          [](const caf::error&) {});
  return all;
}

int run(const settings& s) {
  app::actor_host host{{"agent", version}, 1};
  host.start_io();
  int status = 0;
  {
    delivery parts{host, s};
    generator source{s, parts.results};
    std::thread feeding{[&] { source.run(); }};
    const auto began = monotonic_clock::now();
    for (std::uint64_t second = 1; second <= s.seconds; ++second) {
      std::this_thread::sleep_until(began + std::chrono::seconds{second});
      report(host, source, to_ms(monotonic_clock::now() - began) / 1000, false);
    }
    source.stop = true;
    feeding.join();
    status = deliver_rest(host, parts, source.generated) ? 0 : 1;
    report(host, source, to_ms(monotonic_clock::now() - began) / 1000, true);
    parts.connection->stop();
    host.stop_actors();
  }
  return status;
}

} // namespace

int main(int argc, char** argv) {
  try {
    const auto s = read_arguments(argc, argv);
    return run(s);
  } catch (const std::exception& error) {
    std::cerr << "delivery_agent: " << error.what() << '\n';
    return 2;
  }
}
