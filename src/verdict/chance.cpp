#include "xprober/verdict/chance.hpp"

#include <algorithm>
#include <cmath>

namespace xprober {

namespace {

/// One result in 10,000 fails by chance where nothing is seen to: a calm network. Then a lone pair
/// takes three results in a row in 900 to a million cells.
constexpr double calm_rate = 1e-4;

/// What is assumed to have been seen before, failures among so many cells. It keeps four cells from
/// looking calm because none of them has failed once; where nothing else fails, a lone pair takes
/// three results in any number of cells.
constexpr double assumed_failures = 0.5;
constexpr double assumed_cells = 20;

/// Invented causes: less than one in so many matrices, for each way in which one can be made.
const double log_allowed = std::log(1e-4);

/// The rate that may be behind what was seen: one standard deviation more.
double likely_rate(double fresh, double cells) noexcept {
  const auto rate = (fresh + std::sqrt(fresh) + assumed_failures) / (cells + assumed_cells);
  return std::clamp(rate, calm_rate, 1.0);
}

} // namespace

double log_choices(double n, double k) noexcept {
  k = std::min(k, n - k);
  return k < 1 ? 0 : k * (1 + std::log(n / k));
}

chance::chance(std::uint64_t fresh, std::uint64_t cells) noexcept
    : log_rate_(std::log(likely_rate(static_cast<double>(fresh), static_cast<double>(cells)))),
      log_places_(std::log(static_cast<double>(std::max<std::uint64_t>(cells, 1)))) {}

bool chance::excludes(std::uint64_t bad, std::uint64_t of, std::uint64_t results) const noexcept {
  const auto cells = static_cast<double>(bad);
  const auto all_results = static_cast<double>(results);
  return log_places_ + log_choices(static_cast<double>(of), cells) +
             log_choices(all_results - 1, cells - 1) + all_results * log_rate_ <
         log_allowed;
}

double chance::cost_of_pair() const noexcept { return log_places_ - log_allowed; }

double chance::rate() const noexcept { return std::exp(log_rate_); }

} // namespace xprober
