#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
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

  /// Blames a line, which explains all its cells. Evidence against it are its cells that are well.
  void blame(side of, std::uint32_t index);
  /// A pair of a path.
  void take(std::uint32_t cell);

  /// The cause; nothing more may be given to it.
  cause finish();

  cause& made() noexcept { return made_; }

private:
  void tally(std::uint32_t cell);

  trouble& trouble_;
  cause made_;
  std::uint32_t cells_ = 0;
  std::uint32_t down_ = 0;
  std::unordered_map<std::uint32_t, std::uint32_t> reasons_;
  std::array<std::uint32_t, longest_run + 1> runs_{}; ///< cells by their run
};

} // namespace xprober
