#pragma once

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include "xprober/probes/presenter.hpp"

namespace xprober {

/// The presenters of the kinds that a program has engines for. Presenters outlive it.
class presenter_table {
public:
  presenter_table() = default;
  explicit presenter_table(std::vector<const kind_presenter*> presenters)
      : presenters_(std::move(presenters)) {}

  /// How the outcomes of a kind are shown. Throws std::logic_error for a kind that has no engine
  /// here, of which there can be no outcome.
  const kind_presenter& of(const probe_kind& kind) const {
    const auto is_it = [&](const kind_presenter* p) { return &p->kind() == &kind; };
    const auto found = std::ranges::find_if(presenters_, is_it);
    if (found == presenters_.end()) {
      throw std::logic_error("nobody knows how to show results of the kind " + kind.name);
    }
    return **found;
  }

private:
  std::vector<const kind_presenter*> presenters_;
};

} // namespace xprober
