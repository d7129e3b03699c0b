#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "xprober/remote_write/label_sets.hpp"

namespace xprober {

/// The value that ends a series: the NaN that Prometheus calls StaleNaN.
inline constexpr std::uint64_t stale_marker_bits = 0x7ff0000000000002;

/// Of which agent's look at which target a series is: the program's own labels.
struct written_names {
  std::string_view source_region;
  std::string_view agent;
  std::string_view target_region;
  std::string_view target;
  std::string_view probe_type;
};

/// Writes the samples of a request, one behind the other, in the form of protobuf: each with its
/// labels in the order of their names, as receivers want them. What is selected holds for all that
/// comes next.
class request_writer {
public:
  /// Whose samples come next, with labels beside the program's own; false where the names are no
  /// clean text: nothing can be written for them.
  bool select(const written_names& names, const remote_label_sets::set& others);
  /// The time of the samples that come next, in ms since 1970.
  void set_time(std::int64_t unix_ms) noexcept { unix_ms_ = unix_ms; }
  std::int64_t time() const noexcept { return unix_ms_; }
  /// True: whatever comes next becomes a stale marker.
  void set_ending(bool on) noexcept { ending_ = on; }

  /// `phase` empty: the series has no such label.
  void sample(std::string_view metric, double value, std::string_view phase = {});
  void stale(std::string_view metric, std::string_view phase = {});

  std::size_t samples() const noexcept { return samples_; } ///< of the request

  /// Puts the request into `out`, and begins the next one in what `out` had: a request takes no
  /// fresh memory then.
  void take(std::string& out);

private:
  std::string before_name_; ///< labels of what is selected that sort before __name__, encoded
  std::string middle_;      ///< likewise before `phase`
  std::string after_;       ///< and behind it
  std::string request_;
  std::size_t samples_ = 0;
  std::int64_t unix_ms_ = 0;
  bool ending_ = false;
};

} // namespace xprober
