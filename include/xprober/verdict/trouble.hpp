#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "xprober/verdict/evidence.hpp"

namespace xprober {

/// From this share of bad cells on a line as a whole is to blame: "nearly everything". A fifth
/// leaves room for noise, and for cells whose last good result is not yet followed by a bad one.
inline constexpr double whole_share = 0.8;
/// From this share of bad cells on a line is partly to blame; below, it is called a path: neither
/// end is bad in general.
inline constexpr double part_share = 0.25;
/// A line has a part that fails from three cells on; two are pairs.
inline constexpr std::uint32_t least_part = 3;

/// True where a target of which `bad` of `known` cells are bad may turn out to be to blame, at
/// least partly, when `unheard` sources more have said what they see of it.
bool may_turn_bad(std::uint32_t bad, std::uint32_t known, std::uint32_t unheard) noexcept;

/// The bad cells of a matrix, laid out to be explained one after the other: in rows and columns,
/// each with what no cause explains yet. Lines without bad cells do not appear, so it is as large
/// as what fails. Lines stand by number and cells by line, however the evidence came about.
///
/// The cells of a row stand together in `cells`; `by_target` lists the same by columns.
class trouble {
public:
  explicit trouble(const evidence& all);

  struct entry {
    std::uint32_t lines[2] = {0, 0}; ///< indexes of its row and its column
    std::uint32_t number : 31 = 0;   ///< see `what`
    bool explained : 1 = false;
  };
  struct line {
    std::uint32_t number = 0;  ///< the caller's
    std::uint32_t ok = 0;      ///< its cells that are well
    std::uint32_t bad = 0;     ///< its cells that are bad
    std::uint32_t left = 0;    ///< of these, those that nothing explains yet
    std::uint32_t down = 0;    ///< of those that are left, those that are down
    std::uint32_t results = 0; ///< the runs of those that are left, added up
    std::uint32_t first = 0;   ///< where its cells begin
    bool blamed = false;
    bool behind = false;        ///< of a row: its source is
    std::uint32_t old = 0;      ///< of a column: its bad cells of sources that are behind
    std::uint32_t old_down = 0; ///< of these, those that are down for more than one result

    /// Cells that are evidence: those that another cause explains are none.
    std::uint32_t open() const noexcept { return ok + left; }
    bool whole() const noexcept { return left > 0 && left >= whole_share * open(); }
  };

  const evidence& all() const noexcept { return all_; }
  const std::vector<line>& lines(side of) const noexcept { return lines_[place(of)]; }
  const line& at(side of, std::uint32_t index) const noexcept { return lines_[place(of)][index]; }
  const entry& at(std::uint32_t cell) const noexcept { return cells_[cell]; }
  const evidence::bad_cell& what(std::uint32_t cell) const noexcept {
    return all_.bad_cells().value(cells_[cell].number);
  }
  std::size_t cells() const noexcept { return cells_.size(); }
  static std::uint32_t index_in(const entry& c, side of) noexcept { return c.lines[place(of)]; }

  /// Calls `visit(cell index)` for each cell of a line that is bad.
  template <class Visitor>
  void for_each_bad(side of, std::uint32_t index, Visitor&& visit) const {
    const auto& l = lines_[place(of)][index];
    for (auto i = l.first; i < l.first + l.bad; ++i) {
      visit(of == side::source ? i : by_target_[i]);
    }
  }
  /// And for each that nothing explains.
  template <class Visitor>
  void for_each_left(side of, std::uint32_t index, Visitor&& visit) const {
    for_each_bad(of, index, [&](std::uint32_t cell) {
      if (!cells_[cell].explained) {
        visit(cell);
      }
    });
  }
  /// How many sources are behind.
  std::uint32_t behind() const noexcept { return behind_; }
  /// True where what sources that are behind have yet to say can make its target be to blame: where
  /// the cell is down, whoever found the target slow, or missed it once, has not said all of it.
  bool is_open(std::uint32_t cell) const noexcept;

  /// The index of a line by the caller's number; nothing where it has no bad cell.
  std::optional<std::uint32_t> find(side of, std::uint32_t number) const;

  /// A cause was found for a cell.
  void explain(std::uint32_t cell) noexcept;
  void blame(side of, std::uint32_t index) noexcept { lines_[place(of)][index].blamed = true; }

private:
  static constexpr std::size_t place(side of) noexcept { return static_cast<std::size_t>(of); }

  void lay_out_cells();
  void note_behind();

  const evidence& all_;
  std::vector<entry> cells_;
  std::vector<std::uint32_t> by_target_;
  std::array<std::vector<line>, 2> lines_;
  std::uint32_t behind_ = 0;
};

} // namespace xprober
