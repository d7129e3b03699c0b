// CPU time of an HTTP probe: http_engine [URL [PROBES [IN_FLIGHT [CA_FILE]]]]. Certificates are
// verified where CA_FILE is given. `./dev bench http` runs it beside its peers.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <map>
#include <memory>
#include <string>

#include <sys/resource.h>

#include "xprober/base/memory.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/probes/http/engine.hpp"

namespace {

using namespace xprober;

struct cpu_time {
  double user_s = 0;
  double system_s = 0;
};

cpu_time cpu_now() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return {seconds(usage.ru_utime), seconds(usage.ru_stime)};
}

/// So many probes in flight until all were made. After the first ones all happens on the engine's
/// thread.
struct closed_loop {
  http::engine& engine;
  target_ref target;
  long to_start;
  long to_end;
  std::map<std::string, long> errors{};
  std::promise<void> done{};

  void start_one() {
    --to_start;
    engine.start({target, monotonic_clock::now()}, [this](probe_outcome&& o) { take(o); });
  }

  void take(const probe_outcome& outcome) {
    if (!outcome.success) {
      ++errors[std::string{to_string(outcome.error)} + ": " + outcome.detail];
    }
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
  const std::string url = argc > 1 ? argv[1] : "http://127.0.0.1/";
  const long probes = argc > 2 ? std::atol(argv[2]) : 100'000;
  const long in_flight = std::clamp(argc > 3 ? std::atol(argv[3]) : 64, 1L, probes);
  agent_config all;
  auto& config = all.http;
  config.max_in_flight = static_cast<std::uint32_t>(in_flight);
  config.ca_file = argc > 4 ? argv[4] : "";
  config.insecure_skip_verify = config.ca_file.empty();
  // A loop that always has something to do keeps the thread busy, and says nothing of targets.
  http::engine_options options;
  options.stall_tolerance = std::chrono::hours{1};
  http::engine engine{all, options};
  closed_loop loop{engine, new_counted<target_spec>(target_spec{{"bench", url, kinds::http()}, 0}),
                   probes - in_flight, probes};
  const auto cpu = cpu_now();
  const auto begin = monotonic_clock::now();
  for (long i = 0; i < in_flight; ++i) {
    engine.start({loop.target, begin}, [&](probe_outcome&& outcome) { loop.take(outcome); });
  }
  loop.done.get_future().wait();
  const auto wall_s = to_ms(monotonic_clock::now() - begin) / 1e3;
  const auto used = cpu_now();
  const double per_probe = 1e6 / static_cast<double>(probes);
  long failed = 0;
  for (const auto& [error, count] : loop.errors) {
    std::fprintf(stderr, "failed %ld: %s\n", count, error.c_str());
    failed += count;
  }
  std::printf("%ld probes in %.2f s: %ld failed, %.1f us CPU a probe, %.1f of them in user space\n",
              probes, wall_s, failed,
              (used.user_s - cpu.user_s + used.system_s - cpu.system_s) * per_probe,
              (used.user_s - cpu.user_s) * per_probe);
  return failed == 0 ? 0 : 1;
}
