#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "xprober/verdict/cause.hpp"
#include "xprober/verdict/evidence.hpp"

namespace xprober {

struct verdict {
  /// Those that explain the most cells first.
  std::vector<cause> causes;
  /// Bad cells that no cause explains: noise, and what may become more.
  std::uint64_t unexplained = 0;
  double noise = 0; ///< the rate of failures by chance that was assumed

  bool operator==(const verdict&) const = default;
};

/// The smallest set of causes that explains what fails. It depends on the evidence alone, not on
/// how it came about. What it costs is by what fails, not by what is known.
///
/// 1. A prober in trouble explains all of its row.
/// 2. If hardly a pair works, and no source and no target is better than the others, it cannot be
///    told which side it is: one path of all.
/// 3. Lines and groups of lines of which nearly all cells fail (`whole_share`), those that explain
///    the most first; each cell that speaks against one counts twice. What is explained is no
///    evidence any more. With a single source and everything failing it is the source; with one of
///    its targets failing it is the target.
/// 4. What is left is taken apart into blocks (some sources toward some targets), parts of a source
///    or a target, and pairs.
/// 5. A region that is a source and a target is one cause, and so are twenty or more causes of
///    targets, or of paths, that began within one minute; a group of targets counts as ten.
///
/// Nothing is a cause that chance explains, see `chance`.
verdict find_causes(const evidence& all);

/// The causes of evidence that changes: looks again only if it has changed in what matters.
class verdict_keeper {
public:
  const verdict& of(const evidence& all) {
    if (!revision_ || *revision_ != all.revision()) {
      verdict_ = find_causes(all);
      revision_ = all.revision();
    }
    return verdict_;
  }

private:
  std::optional<std::uint64_t> revision_;
  verdict verdict_;
};

} // namespace xprober
