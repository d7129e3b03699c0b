#pragma once

#include "xprober/actors/server/incident_board.hpp"
#include "xprober/verdict/trouble.hpp"

namespace xprober {

/// What the numbers of one picture of an `incident_board` stand for.
class incident_board::names final : public incident_names {
public:
  names(const incident_board& board, view of, const kind_board* kind)
      : board_(board), view_(of), kind_(kind) {}

  std::string name(side of, std::uint32_t number) const override;
  std::string region(side of, std::uint32_t number) const override;
  std::vector<incident_label> labels(std::uint32_t target) const override;
  std::string group(side of, std::uint32_t group) const override;
  failure_text failure(std::uint32_t reason) const override;
  std::string sentence(std::uint32_t number) const override;
  failure_text trouble(std::uint32_t source) const override;
  unreached_agents unreached(std::uint32_t region) const override;
  source_names other_names(std::uint32_t source) const override;
  std::string former_name(std::uint32_t source) const override;
  std::optional<std::uint32_t> find(side of, std::string_view name) const override;

private:
  bool is_unreached(const agent& a) const;
  std::optional<std::uint32_t> find_region(side of, std::string_view name) const;
  std::optional<std::uint32_t> find_agent(std::string_view name) const;
  std::optional<std::uint32_t> find_target(std::string_view name) const;

  const incident_board& board_;
  view view_;
  const kind_board* kind_; ///< null: of the agents
};

/// One kind of probe.
struct incident_board::kind_board {
  kind_board(const incident_board& board, std::string_view)
      : targets(false, board.columns_), pair_names(board, view::pairs, this),
        target_names(board, view::targets, this) {}

  void count(series_state before, series_state after) noexcept {
    if (before != series_state::never) {
      --states[static_cast<std::size_t>(before)];
    }
    if (after != series_state::never) {
      ++states[static_cast<std::size_t>(after)];
    }
  }

  /// How the others reach one agent.
  struct reach {
    std::uint32_t series = 0; ///< with a result
    std::uint32_t failing = 0;
    std::uint32_t results = 0; ///< of those that are bad, as in `cell_counts`

    bool fails() const noexcept {
      return failing > 0 && failing >= whole_share * static_cast<double>(series);
    }
  };

  std::array<std::uint64_t, series_state_count> states{};
  std::map<std::pair<std::uint32_t, std::uint32_t>, reach> reached; ///< by region and target
  evidence pairs{true};
  evidence targets;
  pair_cells cells; ///< of `pairs`
  verdict_keeper pair_verdict;
  verdict_keeper target_verdict;
  names pair_names;
  names target_names;
};

/// True where a source has something in a picture.
inline bool has_series(const evidence& all, std::uint32_t source) {
  if (source >= all.sources().size()) {
    return false;
  }
  const auto& s = all.sources()[source];
  return s.known + s.fault + s.unknown > 0;
}

} // namespace xprober
