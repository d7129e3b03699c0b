#pragma once

#include <cstdint>

namespace xprober {

/// At least log C(n, k), where k is not above n: C(n, k) <= (e n / k)^k.
double log_choices(double n, double k) noexcept;

/// Tells failures that have a cause from those that chance makes.
///
/// Noise is what fails once and is well again: the share of cells whose series have failed for one
/// result only is its rate p, since of failures that come by chance all but p are such. Cells that
/// fail together by chance, f of n, for r results in all, do so with C(n, f) C(r - 1, f - 1) p^r:
/// the choices of cells, the ways to share out the results, and the results. What chance would make
/// once or more in 10,000 matrices of this size is no cause yet.
class chance {
public:
  /// `fresh` of `cells` are bad for one result. `cells` is also how many places there are where
  /// chance could have struck.
  chance(std::uint64_t fresh, std::uint64_t cells) noexcept;

  /// True where `bad` of `of` cells fail, for `results` results in all, and chance does not explain
  /// it. `bad` is from 1 to `of`.
  bool excludes(std::uint64_t bad, std::uint64_t of, std::uint64_t results) const noexcept;

  double rate() const noexcept; ///< p
  /// By how much less likely than not a single cell must be by chance to be a cause, as a
  /// logarithm.
  double cost_of_pair() const noexcept;

private:
  double log_rate_;
  double log_places_;
};

} // namespace xprober
