#pragma once

#include <memory>
#include <string_view>

#include "xprober/app/result_printer.hpp"
#include "xprober/domain/config.hpp"

namespace CLI {
class App;
} // namespace CLI

namespace xprober::app {

/// What the command of a kind has beside what all of them have. A kind without an entry here has a
/// command all the same, with its phases for a table.
struct kind_command {
  const probe_kind* kind = nullptr;
  std::string_view help;
  /// Adds the options that only this kind has; they are put into `settings`, which outlives the
  /// parser. Null: none.
  void (*add_options)(CLI::App& command, kind_settings& settings) = nullptr;
  std::unique_ptr<result_printer> (*printer)(const kind_presenter& presenter) = phase_printer;
};

/// Null for a kind whose command has nothing of its own.
const kind_command* find_command(const probe_kind& kind) noexcept;

} // namespace xprober::app
