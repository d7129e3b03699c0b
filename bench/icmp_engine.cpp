// What the engine takes for an echo, beside the floor of the same machine at the same time:
//   icmp_engine [TARGETS] [COUNT] [PAYLOAD_BYTES] [ROUNDS]
// Each round probes every target once, all at the same time.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <future>
#include <memory>
#include <vector>

#include "icmp_floor_loop.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/probes/icmp/engine.hpp"
#include "xprober/probes/icmp/summary.hpp"

namespace {

using namespace xprober;

struct round_result {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t failed = 0;
  double mean_rtt_ms = 0;
};

/// Runs one round; completions come on the engine's thread, one after the other.
round_result run_round(icmp::engine& engine, const std::vector<target_ref>& targets) {
  round_result result;
  std::size_t left = targets.size();
  std::promise<void> all_done;
  for (const target_ref& target : targets) {
    engine.start({target, monotonic_clock::now()}, [&](probe_outcome&& outcome) {
      const auto summary = icmp::read_summary(outcome);
      result.sent += summary.sent;
      result.received += summary.received;
      result.failed += outcome.success ? 0 : 1;
      result.mean_rtt_ms += summary.rtt.mean;
      if (--left == 0) {
        all_done.set_value();
      }
    });
  }
  all_done.get_future().wait();
  result.mean_rtt_ms /= static_cast<double>(targets.size());
  return result;
}

void run(std::size_t target_count, std::size_t count, std::size_t size, std::size_t rounds) {
  const std::size_t floor_rounds = std::max<std::size_t>(500'000 / target_count, 1);
  const bench::echo_cost floor = bench::run_floor(target_count, floor_rounds, size, 128);

  std::vector<target_ref> targets;
  for (std::string& address : bench::loopback_targets(target_count)) {
    auto spec = new_counted<target_spec>();
    spec->uid.address = std::move(address);
    spec->uid.type = kinds::icmp();
    spec->index = static_cast<target_index>(targets.size());
    targets.push_back(std::move(spec));
  }
  agent_config config;
  config.probe_interval = milliseconds{0};
  config.icmp.count = static_cast<std::uint32_t>(count);
  config.icmp.size = static_cast<std::uint32_t>(size);
  icmp::engine engine(config);
  std::printf("floor: %.2f us CPU for an echo; %zu targets x %zu echoes of %zu bytes\n",
              floor.cpu_us, target_count, count, size);
  for (std::size_t i = 0; i < rounds; ++i) {
    const double cpu = bench::cpu_seconds();
    const double wall = bench::wall_seconds();
    const round_result r = run_round(engine, targets);
    const auto echoes = static_cast<double>(r.sent != 0 ? r.sent : 1);
    const double cpu_us = (bench::cpu_seconds() - cpu) * 1e6 / echoes;
    const double wall_us = (bench::wall_seconds() - wall) * 1e6 / echoes;
    std::printf("engine: %.2f us CPU, %.2f us elapsed for an echo, %.2f of the floor; "
                "%llu sent, %llu received, %llu probes failed, mean RTT %.4f ms\n",
                cpu_us, wall_us, cpu_us / floor.cpu_us, static_cast<unsigned long long>(r.sent),
                static_cast<unsigned long long>(r.received),
                static_cast<unsigned long long>(r.failed), r.mean_rtt_ms);
  }
}

} // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int i, std::size_t otherwise) {
    return argc > i ? std::strtoull(argv[i], nullptr, 10) : otherwise;
  };
  try {
    run(argument(1, 1000), argument(2, 50), argument(3, 100), argument(4, 5));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "icmp_engine: %s\n", e.what());
    return 1;
  }
  return 0;
}
