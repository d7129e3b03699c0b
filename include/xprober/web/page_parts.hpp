#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/actors/snapshot.hpp"

// Pieces of the page that both roles have. All text that comes in is escaped here.
namespace xprober::web {

/// What stands at the head of a page.
struct page_head {
  std::string region;  ///< an agent's; empty on a server
  std::string address; ///< an agent's local address; empty on a server
  wall_time now{};     ///< when the page was made
};

/// How a number of the overview is to be read.
enum class mood { neutral, good, warning, bad };
/// The class of page.css for it.
std::string_view css_class(mood state) noexcept;

/// One number of the overview.
struct tile {
  std::string label;
  std::string value;
  std::string note;
  mood state = mood::neutral;
};

/// Phases of a probe by their names, in the order they happen; not completed: nothing.
using phase_times = std::vector<std::pair<std::string, std::optional<double>>>;

/// One row of a table of targets.
struct target_row {
  std::string state; ///< "ok", "failing", "waiting"
  std::string target;
  std::string link;   ///< relative address of the target's own story; empty: none
  std::string source; ///< who measured; empty on an agent
  std::string region;
  prober_name type;
  std::optional<double> ms;           ///< what the probe is about, see `headline_ms`
  std::optional<double> loss_percent; ///< nothing for a kind without losses
  phase_times phases_ms;              ///< empty for a kind without phases
  std::string detail;
  std::string age; ///< e.g. "3 s ago"
};

/// The whole document around `main`.
std::string document(const page_head& head, const stats_snapshot& stats, std::string_view main);

/// A section with its heading. `id` keeps its place over a refresh.
std::string section(std::string_view id, std::string_view title, std::string_view content);

/// A sentence in the place of what cannot be shown.
std::string notice(std::string_view text, mood state = mood::neutral);

/// What targets of lists are left out and why; empty where none is.
std::string left_out(const bad_targets& bad);

std::string tiles(std::span<const tile> all);

/// `total` is how many there are in all: "and N more" with a link to `more_link` if it is above
/// the number of rows.
std::string target_table(std::span<const target_row> rows, std::uint64_t total,
                         std::string_view more_link);

/// A state as a coloured word.
std::string state_text(std::string_view state);

/// The phases as numbers, with a bar where its length is known: `whole_ms`, or all phases together
/// when each has a value. Empty where no phase is known.
std::string phases_text(const phase_times& phases_ms, const std::optional<double>& whole_ms);

/// The table of actors by kind.
std::string actor_table(const stats_snapshot& stats);

/// A table of names and values in two columns.
std::string facts(std::span<const std::pair<std::string, std::string>> rows);

/// "3 s ago"; "never" for 0, "just now" for what is not in the past.
std::string ago(std::int64_t unix_seconds, wall_time now);

/// A number of milliseconds with its unit, or "–".
std::string ms_text(const std::optional<double>& ms);

/// A percentage with its sign, or "–".
std::string percent_text(const std::optional<double>& percent);

/// The style sheet and the script that refreshes the page, as they stand in the folder web/.
std::string_view page_css() noexcept;
std::string_view page_js() noexcept;

} // namespace xprober::web
