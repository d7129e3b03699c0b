// What verdicts cost: a mesh of 200 and of 500 regions with noise and planted causes, and a million
// series. `verdict [ROUNDS]`. Prints one JSON object for each world: the time to find causes with
// the evidence at hand, the time to build the evidence, the time for one cell that changes and the
// causes after it (the median of ROUNDS), and the bytes of the heap that the evidence takes for
// each cell.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <malloc.h>

#include "xprober/domain/clock.hpp"
#include "xprober/verdict/find_causes.hpp"

using namespace xprober;

namespace {

double micros_since(monotonic_time began) {
  return std::chrono::duration<double, std::micro>(monotonic_clock::now() - began).count();
}

std::size_t heap_bytes() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

cell_counts counts_of(bool fails, std::uint32_t run) {
  cell_counts counts;
  (fails ? counts.failing : counts.ok) = 1;
  counts.results = fails ? run : 0;
  counts.since_s = fails ? 1000 : 0;
  return counts;
}

struct world {
  std::string name;
  std::uint32_t sources = 0;
  std::uint32_t targets = 0;
  bool mesh = false;
  std::uint32_t label = 0; ///< targets of a label; 0: none have one
  /// For how many results a pair fails; 0: it is well.
  std::function<std::uint32_t(std::uint32_t source, std::uint32_t target)> run;
};

void measure(const world& w, std::uint32_t rounds) {
  const auto heap_before = heap_bytes();
  const auto began = monotonic_clock::now();
  evidence all{w.mesh};
  for (std::uint32_t t = 0; w.label > 0 && t < w.targets; ++t) {
    const std::uint32_t groups[] = {t / w.label};
    all.set_groups(t, groups);
  }
  for (std::uint32_t s = 0; s < w.sources; ++s) {
    for (std::uint32_t t = 0; t < w.targets; ++t) {
      if (!w.mesh || s != t) {
        const auto run = w.run(s, t);
        all.add(s, t, counts_of(run > 0, run));
      }
    }
  }
  const auto build = micros_since(began);
  const auto heap = heap_bytes() - heap_before;

  std::vector<double> whole;
  std::vector<double> changed;
  verdict v;
  for (std::uint32_t i = 0; i < rounds; ++i) {
    const auto start = monotonic_clock::now();
    v = find_causes(all);
    whole.push_back(micros_since(start));
  }
  // A cell that is well fails, and is well again.
  const auto well = counts_of(false, 0);
  const auto failing = counts_of(true, 1);
  verdict_keeper keeper;
  std::uint32_t s = 0;
  while (w.run(s, w.targets - 1) > 0) {
    ++s;
  }
  for (std::uint32_t i = 0; i < rounds; ++i) {
    const bool fails = i % 2 == 0;
    const auto start = monotonic_clock::now();
    all.replace(s, w.targets - 1, fails ? well : failing, fails ? failing : well);
    keeper.of(all);
    changed.push_back(micros_since(start));
  }
  const auto cells = static_cast<double>(all.known_cells());
  std::printf("{\"world\": \"%s\", \"cells\": %.0f, \"bad_cells\": %zu, \"causes\": %zu, "
              "\"find_us\": %.0f, \"build_and_find_us\": %.0f, \"one_change_us\": %.1f, "
              "\"bytes\": %zu, \"bytes_a_cell\": %.1f}\n",
              w.name.c_str(), cells, all.bad_cells().size(), v.causes.size(), median(whole),
              build + median(whole), median(changed), heap, static_cast<double>(heap) / cells);
  std::fflush(stdout);
}

} // namespace

int main(int count, char** arguments) {
  const auto rounds = count > 1 ? static_cast<std::uint32_t>(std::max(std::atoi(arguments[1]), 1))
                                : std::uint32_t{21};
  std::mt19937 random{1};
  const auto noise = [&random](double share) {
    std::uint32_t run = 0;
    while (random() < share * 4294967296.0) {
      ++run;
    }
    return run;
  };
  for (const std::uint32_t regions : {200U, 500U}) {
    const auto name = std::to_string(regions) + " x " + std::to_string(regions);
    // Two regions, a source, a target, half of a target and a pair, with one pair in fifty failing.
    std::vector<std::uint32_t> runs;
    for (std::uint32_t i = 0; i < regions * regions; ++i) {
      const auto s = i / regions;
      const auto t = i % regions;
      const bool planted = s == 3 || t == 3 || s == 7 || t == 7 || s == 11 || t == 13 ||
                           (t == 17 && s % 2 == 0) || (s == 19 && t == 23);
      runs.push_back(planted ? 8 : noise(0.02));
    }
    measure({name + ", six causes, 2 % noise", regions, regions, true, 0,
             [&](auto s, auto t) { return runs[s * regions + t]; }},
            rounds);
    measure({name + ", all but two sources fail", regions, regions, true, 0,
             [](auto s, auto) { return s < 2 ? 0U : 8U; }},
            rounds);
  }
  measure({"one source, a million targets, all well", 1, 1'000'000, false, 0,
           [](auto, auto) { return 0U; }},
          rounds);
  measure({"ten sources, 100,000 targets in 100 labels, all well", 10, 100'000, false, 1'000,
           [](auto, auto) { return 0U; }},
          rounds);
  measure({"ten sources, 100,000 targets, a label of 1,000 fails", 10, 100'000, false, 1'000,
           [](auto, auto t) { return t / 1'000 == 5 ? 8U : 0U; }},
          rounds);
  measure({"one source, a million targets, 100,000 fail", 1, 1'000'000, false, 0,
           [](auto, auto t) { return t % 10 == 0 ? 8U : 0U; }},
          rounds);
}
