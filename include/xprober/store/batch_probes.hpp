#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/domain/wire/batch_parser.hpp"
#include "xprober/domain/wire/kind_codec.hpp"
#include "xprober/domain/wire/series_check.hpp"
#include "xprober/domain/wire/wire.hpp"
#include "xprober/store/ingest_report.hpp"
#include "xprober/store/store_kinds.hpp"
#include "xprober/store/store_part.hpp"
#include "xprober/store/stored_probe.hpp"

namespace xprober {

/// The kinds of one batch: those that its rows use are held as long as it is read, so that their
/// numbers mean the same all the time.
class batch_kinds {
public:
  explicit batch_kinds(store_kinds& kinds) : kinds_(kinds) {}
  ~batch_kinds();
  batch_kinds(const batch_kinds&) = delete;
  batch_kinds& operator=(const batch_kinds&) = delete;

  /// `no_kind` where the store has too many.
  kind_number number_of(const kind_ptr& kind);

private:
  store_kinds& kinds_;
  std::vector<std::pair<const probe_kind*, kind_number>> held_;
};

/// Reads the body of a batch that was read once and found good, probe by probe: rows become what
/// the store holds without values in the old form between.
class batch_probes {
public:
  /// `rows`: what the batch's header says. The body, the kinds and what `next` gives of texts have
  /// to stay as long as this.
  batch_probes(std::string_view body, std::uint32_t rows, store_kinds& kinds, store_part part);

  /// The next probe of a target of this part; false where there is none. What cannot be stored is
  /// rejected in `report`: a row counts as its values (see `count_values`), a bad one as one value.
  bool next(stored_probe& probe, ingest_report& report);
  /// Whose the probe is; of it only the names count.
  const wire_value& series() const noexcept { return series_; }

private:
  void select(std::uint32_t number, const batch_target& target);

  store_kinds& kinds_;
  store_part part_;
  batch_parser batch_;
  batch_judge judge_;
  batch_kinds held_;
  batch_row row_;
  // The target whose rows are being read.
  wire_value series_;
  kind_number kind_ = no_kind;
  std::uint32_t number_ = ~std::uint32_t{0};
  std::string_view why_; ///< its rows cannot be stored; empty if they can
  bool ended_ = false;
};

} // namespace xprober
