#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "xprober/domain/wire/wire.hpp"
#include "xprober/store/ingest_report.hpp"
#include "xprober/store/store_part.hpp"
#include "xprober/store/store_values.hpp"
#include "xprober/store/stored_probe.hpp"

namespace xprober {

/// Reads a batch in the old form, probe by probe: neighbouring values that are of one probe (see
/// `add_to_probe`) come as one.
class value_probes {
public:
  /// The batch has to stay as long as this.
  value_probes(const std::vector<wire_value>& batch, store_part part) noexcept
      : left_(batch), part_(part) {}

  /// The next probe of a target of this part; false where there is none. Bad values are rejected in
  /// `report` one by one.
  bool next(stored_probe& probe, ingest_report& report);
  /// Whose the probe is: one of its values.
  const wire_value& series() const noexcept { return *series_; }

private:
  void begin(const wire_value& first);

  std::span<const wire_value> left_;
  store_part part_;
  // The series whose values are being read.
  const wire_value* series_ = nullptr; ///< null: none yet
  bool ours_ = false;                  ///< it belongs in this part
  std::string_view why_;               ///< it cannot be stored; empty if it can
};

} // namespace xprober
