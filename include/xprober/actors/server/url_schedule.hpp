#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "xprober/domain/backoff.hpp"
#include "xprober/domain/clock.hpp"

namespace xprober {

/// When each URL is asked: one question at a time, again after its interval, and sooner after a
/// failure: within a second at first, then with waits that double up to the interval.
class url_schedule {
public:
  /// A URL, which is not asked yet.
  void add(std::uint64_t id, std::string_view url, milliseconds interval);

  /// The others are gone.
  void keep_only(const std::vector<std::uint64_t>& ids);

  /// It is to be asked now. False: the answer to the last question is outstanding, or it is gone.
  bool begin(std::uint64_t id);

  /// It has answered, or not: how long until it is to be asked again. It must be there.
  milliseconds answered(std::uint64_t id, bool ok);

private:
  struct entry {
    milliseconds interval;
    backoff retry;
    bool in_flight = false;
  };

  std::map<std::uint64_t, entry> urls_;
};

} // namespace xprober
