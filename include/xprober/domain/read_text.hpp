#pragma once

#include <string>

namespace xprober {

/// A text that was read or fetched, or why there is none.
struct read_text {
  std::string text;
  std::string error; ///< what was tried, on what, and what happened; empty on success

  bool ok() const noexcept { return error.empty(); }
};

} // namespace xprober
