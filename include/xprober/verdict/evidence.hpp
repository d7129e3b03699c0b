#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "xprober/verdict/cell.hpp"
#include "xprober/verdict/cell_matrix.hpp"
#include "xprober/verdict/unheard_cells.hpp"

namespace xprober {

/// What is wrong with a prober as a whole; its results are no evidence then.
enum class prober_trouble : std::uint8_t {
  none,
  faults,   ///< its probes end with its own faults: no permission, no socket
  overload, ///< it comes too late to its probes
  clock,    ///< its clock is off
  silent,   ///< it is lost, or none of its series has results
};

/// A source, by its number.
struct source_info {
  /// The region that it belongs to; its own number where sources are regions. Where targets are
  /// regions, too, a region has the same number on both sides.
  std::uint32_t region = no_number;
  prober_trouble trouble = prober_trouble::none; ///< as the caller knows it
  /// It delivers results of before: what it says is not of now, and the rest is yet to come.
  bool behind = false;

  bool operator==(const source_info&) const = default;
};

/// The two sides of the matrix.
enum class side : std::uint8_t { source = 0, target = 1 };
constexpr side other(side of) noexcept { return of == side::source ? side::target : side::source; }

/// The evidence of one kind of probe: a sparse matrix of sources and targets, kept up cell by cell.
///
/// Sources, targets, groups and reasons are the caller's numbers, dense from 0: they are indexes
/// into vectors. Of a cell that is well nothing is kept but that its row and its column have one
/// more, so that a million healthy series cost nothing but their targets. Of cells that are bad all
/// is kept, once for all that say the same. Hence a change comes with what was there before, as in
/// `store_aggregates`.
class evidence {
public:
  /// A row or a column.
  struct line {
    std::uint32_t ok = 0;  ///< cells that are well
    std::uint32_t bad = 0; ///< cells that are degraded or failing
    std::uint32_t groups = 0;

    std::uint32_t known() const noexcept { return ok + bad; }
  };
  /// A column, of which there may be millions, in 8 bytes: with up to 1,048,575 sources that see
  /// the target well, and as many that see it bad.
  class column {
  public:
    line get() const noexcept {
      return {static_cast<std::uint32_t>(bits_ & most),
              static_cast<std::uint32_t>((bits_ >> count_bits) & most),
              static_cast<std::uint32_t>(bits_ >> (2 * count_bits))};
    }
    void set(const line& l) noexcept {
      bits_ = std::uint64_t{l.ok} | std::uint64_t{l.bad} << count_bits |
              std::uint64_t{l.groups} << (2 * count_bits);
    }

  private:
    static constexpr unsigned count_bits = 20;
    static constexpr std::uint64_t most = (std::uint64_t{1} << count_bits) - 1;

    std::uint64_t bits_ = 0;
  };
  using columns = std::shared_ptr<std::vector<column>>;

  /// `pairs`: targets are regions, numbered as those of the sources. Evidence of several kinds may
  /// have one `shared` list of columns, where a number is a target of one of them at a time: it has
  /// no cells and no groups when it becomes one of another.
  explicit evidence(bool pairs, columns shared = std::make_shared<std::vector<column>>())
      : pairs_(pairs), columns_(std::move(shared)) {}
  evidence(const evidence&) = delete;
  evidence& operator=(const evidence&) = delete;
  evidence(evidence&&) = default;
  evidence& operator=(evidence&&) = default;

  bool pairs() const noexcept { return pairs_; }

  void set_source(std::uint32_t source, const source_info& info);
  /// The groups that a target is in (labels, prefix), in any order; none until it is called.
  void set_groups(std::uint32_t target, std::span<const std::uint32_t> groups);

  /// A cell has other counts: `before` must be what was given last; empty at first. Empty counts
  /// remove it.
  void replace(std::uint32_t source, std::uint32_t target, const cell_counts& before,
               const cell_counts& after);
  void add(std::uint32_t source, std::uint32_t target, const cell_counts& counts) {
    replace(source, target, {}, counts);
  }

  /// Another number whenever there may be other causes than before.
  std::uint64_t revision() const noexcept { return revision_; }

  /// What a row has beside: its series.
  struct source_line {
    source_info info;
    std::uint32_t known = 0; ///< series with a result of the target
    std::uint32_t fault = 0;
    std::uint32_t unknown = 0;
  };
  /// What is kept of a bad cell.
  struct bad_cell {
    std::uint32_t failing = 0; ///< series
    std::uint32_t bad = 0;     ///< series, the failing ones included
    std::uint32_t known = 0;   ///< series
    std::uint32_t reason = no_number;
    std::uint32_t sentence = no_number;
    std::uint32_t since_s = 0;
    std::uint8_t run = 1; ///< see `run_of`
    bool down = false;    ///< `cell_state::failing`

    bool operator==(const bad_cell&) const = default;
  };
  /// Of a number that nothing is known of nothing. Those of targets may be shared: see above.
  line line_of(side of, std::uint32_t number) const noexcept;
  /// Lines have numbers below it.
  std::uint32_t line_numbers(side of) const noexcept;
  const std::vector<source_line>& sources() const noexcept { return sources_; }
  const cell_matrix<bad_cell>& bad_cells() const noexcept { return bad_; }
  std::span<const std::uint32_t> groups_of(side of, std::uint32_t number) const;
  /// Sources that are behind and have series, in no order.
  std::vector<std::uint32_t> behind() const;

  /// Cells whose last results were bad.
  const unheard_cells& unheard() const noexcept { return unheard_; }

  std::uint64_t known_cells() const noexcept { return known_cells_; }
  /// Rows or columns with a known cell.
  std::uint32_t known_lines(side of) const noexcept { return known_lines_[place(of)]; }
  /// Those of one group; of sources, of one region.
  std::uint32_t known_members(side of, std::uint32_t group) const noexcept;

private:
  static constexpr std::size_t place(side of) noexcept { return static_cast<std::size_t>(of); }

  void set_line(side of, std::uint32_t number, const line& l);
  source_line& source_at(std::uint32_t number);
  /// The number of a list of groups, with one more use of it.
  std::uint32_t acquire_list(std::vector<std::uint32_t> groups);
  /// What is one too many for a column has none.
  static constexpr std::size_t most_lists = std::size_t{1} << 24U;
  void release_list(std::uint32_t number);
  void regroup(side of, std::uint32_t number, std::vector<std::uint32_t> groups);
  void count_members(side of, std::uint32_t list, bool more);
  void count_cell(side of, std::uint32_t number, cell_state state, bool more);

  bool pairs_;
  std::vector<line> rows_;
  columns columns_;
  std::vector<source_line> sources_;
  std::vector<std::uint32_t> behind_; ///< sources; some may have no series
  cell_matrix<bad_cell> bad_;
  unheard_cells unheard_;
  struct group_list {
    std::vector<std::uint32_t> groups{};
    std::uint32_t lines = 0; ///< that have it
  };
  /// Lines with the same groups share their list. The first is empty, and always there.
  std::vector<group_list> group_lists_{{}};
  std::vector<std::uint32_t> free_lists_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> lists_by_hash_;
  std::vector<std::uint32_t> members_[2];
  std::uint32_t known_lines_[2] = {0, 0};
  std::uint64_t known_cells_ = 0;
  std::uint64_t revision_ = 0;
};

std::uint64_t hash_cell(const evidence::bad_cell& cell) noexcept;

} // namespace xprober
