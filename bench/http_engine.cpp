// CPU time of an HTTP probe: http_engine [URL [PROBES [IN_FLIGHT]]].
// The peer to compare with, on the same server and with a new connection for each request as well:
//   wrk -t1 -c IN_FLIGHT -d 10s -H 'Connection: close' URL
// with its CPU time (user and system, of `time`) divided by its number of requests.

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <map>
#include <string>

#include <sys/resource.h>

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

/// What the probes came to. Written on the engine's thread alone, read after the last of them.
struct tally {
  long left;
  std::map<std::string, long> errors;
  std::promise<void> done;

  void take(const probe_outcome& outcome) {
    if (!outcome.success) {
      ++errors[std::string{to_string(outcome.error)} + ": " + outcome.detail];
    }
    if (--left == 0) {
      done.set_value();
    }
  }
};

} // namespace

int main(int argc, char** argv) {
  const std::string url = argc > 1 ? argv[1] : "http://127.0.0.1/";
  const long probes = argc > 2 ? std::atol(argv[2]) : 100'000;
  http_config config;
  config.max_in_flight = argc > 3 ? static_cast<std::uint32_t>(std::atol(argv[3])) : 64;
  config.insecure_skip_verify = true;
  const auto target =
      std::make_shared<target_spec>(target_spec{{"bench", url, probe_type::http}, 0});
  http::engine engine{config};
  tally counted{probes, {}, {}};
  const auto cpu = cpu_now();
  const auto begin = monotonic_clock::now();
  for (long i = 0; i < probes; ++i) {
    engine.start({target, begin}, [&](probe_outcome&& outcome) { counted.take(outcome); });
  }
  counted.done.get_future().wait();
  const auto wall_s = to_ms(monotonic_clock::now() - begin) / 1e3;
  const auto used = cpu_now();
  const double per_probe = 1e6 / static_cast<double>(probes);
  std::printf("%ld probes in %.2f s: %.1f us CPU a probe, %.1f of them in user space\n", probes,
              wall_s, (used.user_s - cpu.user_s + used.system_s - cpu.system_s) * per_probe,
              (used.user_s - cpu.user_s) * per_probe);
  for (const auto& [error, count] : counted.errors) {
    std::printf("  failed %ld: %s\n", count, error.c_str());
  }
  return counted.errors.empty() ? 0 : 1;
}
