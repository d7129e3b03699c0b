#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

namespace xprober {

/// What a receiver of remote write was sent last of each series, told by a hash of its names: so
/// that no request has two samples of a series, and none an older one than was sent before, for
/// which a receiver would refuse all of it.
class sent_samples {
public:
  /// Series whose last time is remembered: 56 bytes each. Above it all are forgotten, and a late
  /// sample may make a receiver refuse a request.
  static constexpr std::size_t most_remembered = 8'000'000;

  /// What a series is written with.
  struct written_with {
    std::uint32_t extra = 0; ///< its labels, see `remote_label_sets`
    std::uint32_t told = 0;  ///< bit n: column n of its kind had a value
  };

  /// What to do with a sample: write it (`relabelled`: under other labels than the last), or
  /// nothing; `taken`: the request has one of the series.
  enum class place : std::uint8_t { fresh, relabelled, repeated, late, taken };

  /// A sample of a series comes. Where it is going to be written (`fresh`, `relabelled`), `with`
  /// becomes what the series was written with before.
  place enter(std::uint64_t key, std::int64_t unix_ms, written_with& with);

  /// What ended with a series: its labels, and whether its marker can be in the request.
  struct ending {
    bool taken = false;       ///< the request has a sample of it: the marker has to wait
    std::int64_t unix_ms = 0; ///< behind its last sample, and not before what was asked for
    std::optional<std::uint32_t> extra{}; ///< nothing: nothing was sent of it
  };
  /// A series ends at `unix_ms`, or behind its last sample where that is later.
  ending end(std::uint64_t key, std::int64_t unix_ms);

  /// What comes from now on is of the next request.
  void begin_request();
  /// Nothing was sent of anything.
  void clear() { last_.clear(); }

private:
  struct last_sample {
    std::int64_t unix_ms = 0;
    std::uint32_t request = 0;
    written_with with;
  };

  std::uint32_t request_ = 1;
  std::unordered_map<std::uint64_t, last_sample> last_;
};

} // namespace xprober
