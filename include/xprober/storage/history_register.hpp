#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/history/history.hpp"
#include "xprober/domain/history/series_shares.hpp"

namespace xprober::storage {

/// The series of a history, each with the number that its roll-ups stand under, and what is to be
/// written of them. In memory: the file is `history`'s.
class history_register {
public:
  struct known_series {
    std::uint32_t number = 0;
    std::int64_t last = 0; ///< the newest coarse bucket on disk
    bool written = false;
    std::string agent{}; ///< that has brought it; empty: of one target, or in the file without it
  };
  using entries = std::map<history_key, known_series>;

  history_register() = default;
  /// Those of a file.
  explicit history_register(entries known);

  /// The number of a series; a new one is nothing where there are `most` already, or where `agent`
  /// (its address), which brings it, has its share of them, see `series_shares`. Those of single
  /// targets count apart, whoever brings them.
  std::optional<std::uint32_t> number(const history_key& key, const std::string& agent,
                                      std::uint64_t most);
  void erase(const history_key& key);

  /// A series that is known.
  struct known_key {
    std::uint32_t number = 0;
    std::string phases; ///< see history_key
  };
  /// All series of a subject: more than one where its kind has called its phases otherwise. The
  /// newest ones first, `most_variants` at most.
  std::vector<known_key> find(const history_subject& subject) const;
  static constexpr std::size_t most_variants = 16;

  /// A series of a single target that is known.
  struct target_series {
    known_key series;
    history_subject subject;
  };
  /// All series of a single target, or those of one source region where that is not empty; by their
  /// sources, 200 at most.
  std::vector<target_series> find_target(std::string_view uid,
                                         std::string_view source_region) const;
  static constexpr std::size_t most_sources = 200;

  /// A series of a pair of regions.
  struct pair_series {
    std::uint32_t number = 0;
    history_subject subject;
  };
  /// All series of pairs of a kind, of one source region and to one target region where the subject
  /// has them; by their regions, `most` at most.
  std::vector<pair_series> find_pairs(const history_subject& of, std::size_t most) const;

  const entries& all() const noexcept { return all_; }
  /// Calls `visit(const history_key&, known_series&)` for each, which may change what is known of
  /// its last bucket and of what is written.
  template <class Visitor>
  void for_each(Visitor&& visit) {
    for (auto& [key, known] : all_) {
      visit(key, known);
    }
  }
  /// All of them are in the file, or in none.
  void set_written(bool written);

  /// Without those of single targets.
  std::uint64_t size() const noexcept { return shares_.size(); }

private:
  entries all_;
  std::uint64_t targets_ = 0; ///< so many of them are of single targets
  series_shares shares_;      ///< whose the others are
  std::uint32_t next_number_ = 1;
};

} // namespace xprober::storage
