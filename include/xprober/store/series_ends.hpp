#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "xprober/domain/wire/kind_codec.hpp"
#include "xprober/domain/wire/record.hpp"
#include "xprober/domain/wire/wire.hpp"
#include "xprober/store/store_names.hpp"
#include "xprober/store/store_rows.hpp"
#include "xprober/store/store_values.hpp"

namespace xprober {

/// Which series of a store have ended, while somebody watches: for who keeps series elsewhere and
/// has to say that no more comes.
class series_ends {
public:
  /// So many are noted at most; those that end beyond them are not.
  static constexpr std::size_t most = 2'000'000;

  /// From now on, or not any more: what was noted goes.
  void watch(bool on);

  /// The values of a row end.
  void note(const store_names& names, const series_row& gone, const kind_ptr& kind);
  /// A series ends with a probe that was not stored: its target was forgotten.
  void note(const wire_value& series, const probe_values& last, const kind_ptr& kind);

  /// What was noted and not taken yet.
  std::vector<ended_series> take() { return std::exchange(ended_, {}); }

private:
  bool has_room() const noexcept { return watched_ && ended_.size() < most; }

  bool watched_ = false;
  std::vector<ended_series> ended_;
};

} // namespace xprober
