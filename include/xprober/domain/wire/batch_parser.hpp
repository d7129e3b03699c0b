#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/wire/batch.hpp"
#include "xprober/domain/wire/bytes.hpp"
#include "xprober/domain/wire/described_kind.hpp"

namespace xprober {

/// A target as a batch names it.
struct batch_target {
  std::string_view type; ///< as the wire spells it: the name of a kind or of a module
  /// Null: the batch describes it in a way that cannot be used, and no row of the target can be
  /// read.
  const probe_kind* kind = nullptr;
  std::string_view region;
  std::string_view address;
};

/// One probe. Values of the form coarse have 11 bits of precision.
struct batch_row {
  std::uint32_t target = 0; ///< number of the target in the batch
  std::int64_t unix_ms = 0; ///< when the probe ended, by the agent's clock
  probe_state state = probe_state::own_fault;
  bool shared = false;
  std::string_view error;  ///< e.g. "no_reply"; "none" without one
  std::string_view detail; ///< the sentence of a failure, clean text; empty: none
  float duration_ms = 0;
  column_values values; ///< by the columns of its target's kind
};

/// Reads a body row by row. Nothing is kept of a row; the dictionary takes as much memory as its
/// texts, bounded by `max_batch_names`. Views are valid as long as the parser and its input.
class batch_parser {
public:
  /// `body` stays with the caller. `rows`: as the header says; no row is read where the body is too
  /// short for them.
  batch_parser(std::string_view body, std::uint32_t rows);

  /// What is wrong with the dictionary, or with the framing of the rows where they cannot be read
  /// any further; empty where nothing is.
  const std::string& problem() const noexcept { return problem_; }

  std::string_view worker_name() const noexcept { return worker_name_; }
  std::string_view source_region() const noexcept { return source_region_; }
  std::uint32_t targets() const noexcept { return static_cast<std::uint32_t>(targets_.size()); }
  batch_target target(std::uint32_t number) const;
  /// The kind of a target, to be kept; null where it cannot be used.
  const kind_ptr& kind_of(std::uint32_t number) const {
    return kinds_[types_[targets_.at(number).type].kind].kind();
  }
  /// The shape of the kind of a target, of which a row was read.
  const kind_shape& shape_of(std::uint32_t number) const {
    return kinds_[types_[targets_.at(number).type].kind].shape();
  }

  enum class step : std::uint8_t { row, bad_row, end };

  /// The next row. A bad one is skipped and `row_problem` says what is wrong with it. At the end,
  /// `unread` rows are missing where the framing broke.
  step next(batch_row& row);

  const std::string& row_problem() const noexcept { return row_problem_; }
  /// What stands before the rows, where `problem` is empty before the first one.
  std::string_view names() const noexcept { return names_; }
  /// Of the last row that was read: what follows its target and its time.
  std::string_view rest() const noexcept { return rest_; }
  /// Rows that the header promised and that were not read; not more than the body has room for.
  std::uint32_t unread() const noexcept { return left_; }

private:
  struct type_name {
    std::string_view name;
    std::uint32_t kind = 0;
  };
  struct target_name {
    std::uint32_t type = 0;
    std::uint32_t region = 0;
    std::uint32_t begin = 0; ///< in `addresses_`
    std::uint32_t size = 0;
  };

  void read_names();
  bool read_kinds();
  bool read_types();
  /// `most` texts at most, each of `longest` bytes at most.
  bool read_texts(std::vector<std::string_view>& out, std::string_view what, std::size_t most,
                  std::size_t longest);
  bool read_targets();
  bool fail(std::string what);
  bool parse(byte_reader row, batch_row& out);
  bool bad(std::string_view what);

  byte_reader in_;
  std::string_view names_;
  std::string_view rest_;
  std::uint32_t left_;
  std::uint32_t number_ = 0; ///< of the row being read, from 1
  std::string problem_;
  std::string row_problem_;
  std::string_view worker_name_;
  std::string_view source_region_;
  std::vector<described_kind> kinds_;
  std::vector<type_name> types_;
  std::vector<std::string_view> errors_;
  std::vector<std::string_view> regions_;
  std::vector<std::string_view> details_;
  std::vector<target_name> targets_;
  std::string addresses_;
  std::int64_t next_target_ = 0;
  std::int64_t last_ms_ = 0;
};

/// The most bytes that the addresses of one batch may come to when their common beginnings are
/// written out.
inline constexpr std::size_t max_batch_names = std::size_t{64} << 20;

/// Appends the values of a row in the old form: exactly what append_wire_values makes of the
/// result that the row was made of.
void append_wire_values(const batch_parser& batch, const batch_row& row,
                        std::vector<wire_value>& out);

} // namespace xprober
