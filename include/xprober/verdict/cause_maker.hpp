#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "xprober/verdict/cause.hpp"
#include "xprober/verdict/trouble.hpp"

namespace xprober {

/// Explains cells by a cause, and gathers what they say of it.
class cause_maker {
public:
  cause_maker(trouble& t, cause_type type, cause_scope scope) : trouble_(t) {
    made_.type = type;
    made_.scope = scope;
  }

  /// Blames a line, which explains its cells as far as `losses` says. Evidence against it are its
  /// cells that are well.
  void blame(side of, std::uint32_t index);
  /// Pairs of a path.
  void take(std::span<const std::uint32_t> cells);

  /// The cause; nothing more may be given to it.
  cause finish();

  cause& made() noexcept { return made_; }

private:
  void tally(std::uint32_t cell);
  bool is_of_before() const noexcept { return old_ * 2 > cells_; }
  bool may_become_worse() const noexcept;
  void measure_runs() noexcept;
  void meet(side of, std::span<const std::uint32_t> cells);

  trouble& trouble_;
  cause made_;
  std::uint32_t cells_ = 0;
  std::uint32_t down_ = 0;
  std::uint32_t old_ = 0;  ///< of sources that are behind
  std::uint32_t open_ = 0; ///< see `trouble::is_open`
  struct told {
    std::uint32_t reason = no_number;
    std::uint32_t cells = 0;
    std::uint32_t sentence = no_number;
  };

  std::vector<told> reasons_; ///< in order: they are few, and causes are many
  std::array<std::uint32_t, longest_run + 1> runs_{}; ///< cells by their run
};

} // namespace xprober
