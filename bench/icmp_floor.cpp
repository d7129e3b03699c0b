// What the kernel alone takes for an ICMP echo to loopback and back:
//   icmp_floor [TARGETS] [ROUNDS] [PAYLOAD_BYTES]
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "icmp_floor_loop.hpp"

int main(int argc, char** argv) {
  const auto argument = [&](int i, std::size_t otherwise) {
    return argc > i ? std::strtoull(argv[i], nullptr, 10) : otherwise;
  };
  const std::size_t targets = argument(1, 1000);
  const std::size_t rounds = argument(2, 500);
  const std::size_t size = argument(3, 100);
  try {
    for (const std::size_t batch : {1U, 16U, 64U, 128U, 256U}) {
      const auto cost = xprober::bench::run_floor(targets, rounds, size, batch);
      std::printf("batch %3zu: %.2f us CPU, %.2f us elapsed for each of %llu echoes\n", batch,
                  cost.cpu_us, cost.wall_us, static_cast<unsigned long long>(cost.echoes));
    }
  } catch (const std::exception& e) {
    std::fprintf(stderr, "icmp_floor: %s\n", e.what());
    return 1;
  }
  return 0;
}
