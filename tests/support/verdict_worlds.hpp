#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "xprober/verdict/find_causes.hpp"

// Worlds with planted causes, and what causes are called there.

namespace worlds {

using namespace xprober;

/// "target 3", "target group 2", "region 4", "path 1>2", "prober 5".
inline std::string name_of(const cause& c) {
  auto name = std::string{to_string(c.type)};
  if (c.scope == cause_scope::group) {
    return name + " group " + std::to_string(c.group);
  }
  if (c.scope == cause_scope::all || c.scope == cause_scope::together) {
    return name + (c.scope == cause_scope::all ? " all" : " together");
  }
  std::string numbers;
  const auto list = [&](const std::vector<std::uint32_t>& of) {
    for (const auto number : of) {
      numbers += (numbers.empty() || numbers.back() == '>' ? "" : ",") + std::to_string(number);
    }
  };
  if (c.type == cause_type::path) {
    list(c.sources);
    numbers += ">";
    list(c.targets);
  } else {
    list(c.type == cause_type::target ? c.targets : c.sources);
  }
  return name + " " + numbers;
}

inline std::vector<std::string> names_of(const verdict& v) {
  std::vector<std::string> names;
  for (const auto& c : v.causes) {
    names.push_back(name_of(c));
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// So many series with a result, `bad` of them failing for `run` results each.
inline cell_counts cell_of(std::uint32_t series, std::uint32_t bad = 0, std::uint32_t run = 4) {
  cell_counts cell;
  cell.ok = series - bad;
  cell.failing = bad;
  cell.results = bad * run;
  return cell;
}

enum class plan : std::uint8_t {
  target,      ///< nobody reaches it
  lossy,       ///< a target that loses a part of what is sent to it, and now and then nothing
  source,      ///< it reaches nobody
  region,      ///< both; in a mesh only
  dark,        ///< a region that nobody reaches and whose agents are gone; in a mesh only
  path,        ///< one pair
  part_source, ///< a source that half of the targets are lost to
  part_target, ///< a target that half of the sources do not reach
  block,       ///< some sources do not reach some targets
  slow_source, ///< a source that sees its targets slow or with losses, and now and then not at all
  slow_block,  ///< some sources see some targets so
  dead_target, ///< one of the targets of such a block is dead: nobody reaches it
  dead_source, ///< one of its sources reaches nobody
  fault,       ///< an agent without permission
  lost,        ///< an agent without results, whom the others reach
  group,       ///< all targets of a label; not in a mesh
};

struct world_size {
  std::uint32_t sources = 50;
  std::uint32_t targets = 50;
  bool mesh = true; ///< sources and targets are the same regions, and none probes itself
  /// Share of the series that fail by chance, for as long as chance has it, and of those that end
  /// with the prober's own fault.
  double noise = 0;
  std::uint32_t series = 1; ///< of each cell
  double missing = 0;       ///< share of the cells that nobody probes
  /// For how many results what is planted has been so; 0: 4 to 15, each cell for itself.
  std::uint32_t age = 0;
};

/// Of a cell with losses, the share of its results that are lost as a whole.
inline constexpr double all_lost = 0.1;

/// Targets stand in labels of twenty, and in prefixes of ten, unless they are a mesh.
inline constexpr std::uint32_t label_size = 20;
inline constexpr std::uint32_t prefix_size = 10;

class world {
public:
  world(const world_size& size, std::uint32_t seed)
      : size_(size), random_(seed), all_(size.mesh), counts_(size.sources * size.targets) {
    sources_ = shuffled(size.sources);
    targets_ = size.mesh ? sources_ : shuffled(size.targets);
  }

  void plant(plan what) {
    switch (what) {
    case plan::target: fill_column(take_target("target "), 1, false); break;
    case plan::lossy: fill_column(take_target("target "), 0.93, true); break;
    case plan::source: fill_row(take_source("source "), 1); break;
    case plan::part_source: fill_row(take_source("source "), 0.5); break;
    case plan::part_target: fill_column(take_target("target "), 0.5, false); break;
    case plan::region:
    case plan::dark: {
      const auto region = take_source("region ");
      fill_row(region, 1);
      fill_column(region, 1, false);
      if (what == plan::dark) {
        silent_.insert(region);
      }
      break;
    }
    case plan::fault: faulty_.insert(take_source("prober ")); break;
    case plan::lost: silent_.insert(take_source("prober ")); break;
    case plan::path: plant_path(); break;
    case plan::block: plant_block(down); break;
    case plan::slow_source: fill_row(take_source("source "), 0.93, true); break;
    case plan::slow_block: plant_block(lossy); break;
    case plan::dead_target: plant_block(lossy, side::target); break;
    case plan::dead_source: plant_block(lossy, side::source); break;
    case plan::group: plant_group(); break;
    }
  }

  /// Fills the evidence; once, after everything is planted.
  const evidence& build() {
    if (!size_.mesh) {
      for (std::uint32_t t = 0; t < size_.targets; ++t) {
        const std::uint32_t groups[] = {t / label_size, 1000 + t / prefix_size};
        all_.set_groups(t, groups);
      }
    }
    for (std::uint32_t s = 0; s < size_.sources; ++s) {
      for (std::uint32_t t = 0; t < size_.targets; ++t) {
        if (!(size_.mesh && s == t) && !(size_.missing > 0 && chance_of(size_.missing))) {
          const auto cell = counts(s, t);
          all_.add(s, t, cell);
          if (cell.known() > 0) {
            seen_.emplace(s, t);
          }
          if (is_bad(state_of(cell)) && run_of(cell) > 1) {
            settled_.emplace(s, t);
          }
        }
      }
    }
    return all_;
  }

  /// The names of what was planted, sorted.
  std::vector<std::string> planted() const { return {planted_.begin(), planted_.end()}; }

  /// Takes from what was found and what was planted all that is the same, or is explained as well.
  ///
  /// Of what has no results nothing can be said: a pair without is not asked for. And of a line of
  /// a block of which one cell at most has failed there for more than one result, as noise does,
  /// nothing shows that it is of the block: what is seen is the same where this pair fails for
  /// itself, and the others of it have no results or fail by chance. So the block may be named
  /// without it, and its pairs be named or not. With two such cells the block alone is the smaller
  /// explanation.
  void settle(std::set<std::string>& found, std::set<std::string>& wanted) const {
    wanted = planted_;
    for (const auto& pair : pairs_) {
      if (seen_.count(pair) == 0) {
        wanted.erase("path " + std::to_string(pair.first) + ">" + std::to_string(pair.second));
      }
    }
    for (const auto& whole : blocks_) {
      settle_block(whole, found, wanted);
    }
    for (auto name = wanted.begin(); name != wanted.end();) {
      name = found.erase(*name) > 0 ? wanted.erase(name) : std::next(name);
    }
  }

private:
  enum : std::uint8_t { well, down, lossy };
  struct block {
    std::set<std::uint32_t> rows;
    std::set<std::uint32_t> columns;

    std::string name() const { return "path " + list_of(rows) + ">" + list_of(columns); }
  };

  /// Without the lines that have one settled cell at most in what is left.
  block certain(block b) const {
    for (bool more = true; more;) {
      more = std::erase_if(b.rows,
                           [&](auto s) {
                             return std::count_if(b.columns.begin(), b.columns.end(), [&](auto t) {
                                      return settled_.count({s, t}) > 0;
                                    }) < 2;
                           }) +
                 std::erase_if(b.columns,
                               [&](auto t) {
                                 return std::count_if(b.rows.begin(), b.rows.end(), [&](auto s) {
                                          return settled_.count({s, t}) > 0;
                                        }) < 2;
                               }) >
             0;
    }
    return b;
  }

  void settle_block(const block& whole, std::set<std::string>& found,
                    std::set<std::string>& wanted) const {
    const auto least = certain(whole);
    const auto lies_in = [](const auto& some, const auto& all) {
      return std::includes(all.begin(), all.end(), some.begin(), some.end());
    };
    for (const auto& name : found) {
      const auto arrow = name.find('>');
      if (name.rfind("path ", 0) != 0 || arrow == std::string::npos) {
        continue;
      }
      const block one{numbers_of(name.substr(5, arrow - 5)), numbers_of(name.substr(arrow + 1))};
      if (lies_in(least.rows, one.rows) && lies_in(one.rows, whole.rows) &&
          lies_in(least.columns, one.columns) && lies_in(one.columns, whole.columns)) {
        wanted.erase(whole.name());
        found.erase(name);
        for (const auto s : whole.rows) {
          for (const auto t : whole.columns) {
            if (one.rows.count(s) == 0 || one.columns.count(t) == 0) {
              found.erase("path " + std::to_string(s) + ">" + std::to_string(t));
            }
          }
        }
        return;
      }
    }
  }

  static std::set<std::uint32_t> numbers_of(const std::string& list) {
    std::set<std::uint32_t> numbers;
    for (std::size_t at = 0; at < list.size(); at = list.find(',', at) + 1) {
      numbers.insert(static_cast<std::uint32_t>(std::stoul(list.substr(at))));
      if (list.find(',', at) == std::string::npos) {
        break;
      }
    }
    return numbers;
  }

  std::vector<std::uint32_t> shuffled(std::uint32_t count) {
    std::vector<std::uint32_t> numbers(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      numbers[i] = i;
    }
    std::shuffle(numbers.begin(), numbers.end(), random_);
    return numbers;
  }

  bool chance_of(double share) { return random_() < share * 4294967296.0; }

  std::uint32_t take_source(const std::string& what) {
    const auto number = sources_.back();
    sources_.pop_back();
    if (size_.mesh) {
      targets_.pop_back();
    }
    planted_.insert(what + std::to_string(number));
    return number;
  }
  std::uint32_t take_target(const std::string& what) {
    const auto number = targets_.back();
    targets_.pop_back();
    if (size_.mesh) {
      sources_.pop_back();
    }
    planted_.insert(what + std::to_string(number));
    return number;
  }

  std::uint8_t at(std::uint32_t s, std::uint32_t t) const { return counts_[s * size_.targets + t]; }
  /// Where two causes meet, the worse one is seen.
  void spoil(std::uint32_t s, std::uint32_t t, std::uint8_t how) {
    auto& cell = counts_[s * size_.targets + t];
    cell = cell == down ? cell : how;
  }
  void fill_row(std::uint32_t s, double share, bool loses = false) {
    for (const auto t : first_of(shuffled(size_.targets), share)) {
      spoil(s, t, loses ? lossy : down);
    }
  }
  void fill_column(std::uint32_t t, double share, bool loses) {
    for (const auto s : first_of(shuffled(size_.sources), share)) {
      spoil(s, t, loses ? lossy : down);
    }
  }
  static std::vector<std::uint32_t> first_of(std::vector<std::uint32_t> numbers, double share) {
    numbers.resize(static_cast<std::size_t>(static_cast<double>(numbers.size()) * share));
    return numbers;
  }

  void plant_path() {
    const auto s = sources_.back();
    const auto t = targets_[targets_.size() - 2];
    spoil(s, t, down);
    sources_.resize(sources_.size() - (size_.mesh ? 2 : 1));
    targets_.resize(targets_.size() - 2);
    planted_.insert("path " + std::to_string(s) + ">" + std::to_string(t));
    pairs_.emplace(s, t);
  }
  static std::string list_of(const std::set<std::uint32_t>& numbers) {
    std::string text;
    for (const auto number : numbers) {
      text += (text.empty() ? "" : ",") + std::to_string(number);
    }
    return text;
  }
  /// `dead`: one line more, of that side, goes through the block and is dead in all its cells.
  void plant_block(std::uint8_t how, std::optional<side> dead = {}) {
    const std::uint32_t edge = 5;
    std::set<std::uint32_t> rows;
    std::set<std::uint32_t> columns;
    for (std::uint32_t i = 0; i < edge; ++i) {
      rows.insert(sources_[sources_.size() - 1 - i]);
      columns.insert(targets_[targets_.size() - 1 - edge - i]);
    }
    for (const auto s : rows) {
      for (const auto t : columns) {
        spoil(s, t, how);
      }
    }
    blocks_.push_back({rows, columns});
    planted_.insert(blocks_.back().name());
    sources_.resize(sources_.size() - (size_.mesh ? 2 * edge : edge));
    targets_.resize(targets_.size() - 2 * edge);
    if (dead == side::target) {
      fill_column(take_target("target "), 1, false);
    } else if (dead == side::source) {
      fill_row(take_source("source "), 1);
    }
  }
  void plant_group() {
    const auto group = targets_.back() / label_size;
    const auto in_group = [&](std::uint32_t t) { return t / label_size == group; };
    for (std::uint32_t t = 0; t < size_.targets; ++t) {
      if (in_group(t)) {
        fill_column(t, 1, false);
      }
    }
    targets_.erase(std::remove_if(targets_.begin(), targets_.end(), in_group), targets_.end());
    planted_.insert("target group " + std::to_string(group));
  }

  cell_counts counts(std::uint32_t s, std::uint32_t t) {
    cell_counts cell;
    if (silent_.count(s) > 0) {
      cell.unknown = size_.series;
      return cell;
    }
    if (faulty_.count(s) > 0) {
      cell.fault = size_.series;
      return cell;
    }
    const auto planted = at(s, t);
    const auto planted_run = size_.age > 0 ? size_.age : 4 + random_() % 12;
    std::uint32_t lost = 0;
    while (planted == lossy && chance_of(all_lost)) {
      ++lost;
    }
    for (std::uint32_t i = 0; i < size_.series; ++i) {
      if (size_.noise > 0 && chance_of(size_.noise)) {
        ++cell.fault;
        continue;
      }
      auto run = planted == well ? 0U : lost > 0 ? lost : static_cast<std::uint32_t>(planted_run);
      while (planted == well && size_.noise > 0 && chance_of(size_.noise)) {
        ++run;
      }
      (run == 0 ? cell.ok : planted == lossy && lost == 0 ? cell.degraded : cell.failing) += 1;
      cell.results += run;
    }
    return cell;
  }

  world_size size_;
  std::mt19937 random_;
  evidence all_;
  std::vector<std::uint8_t> counts_;
  std::vector<std::uint32_t> sources_; ///< on which nothing is planted yet
  std::vector<std::uint32_t> targets_;
  std::set<std::uint32_t> silent_;
  std::set<std::uint32_t> faulty_;
  std::set<std::string> planted_;
  std::set<std::pair<std::uint32_t, std::uint32_t>> pairs_;   ///< planted
  std::vector<block> blocks_;                                 ///< planted
  std::set<std::pair<std::uint32_t, std::uint32_t>> seen_;    ///< those with results
  std::set<std::pair<std::uint32_t, std::uint32_t>> settled_; ///< bad for more than one
};

/// What was found in worlds.
struct tally {
  std::uint32_t worlds = 0;
  std::uint32_t wrong = 0;    ///< with a cause that was not named, or one that was invented
  std::uint32_t invented = 0; ///< causes
  std::string example;        ///< the first wrong one

  void look(world& w, const std::string& what) {
    const auto found = names_of(find_causes(w.build()));
    const auto planted = w.planted();
    ++worlds;
    std::set<std::string> extra{found.begin(), found.end()};
    std::set<std::string> lacking;
    w.settle(extra, lacking);
    invented += static_cast<std::uint32_t>(extra.size());
    if (extra.empty() && lacking.empty()) {
      return;
    }
    ++wrong;
    if (example.empty()) {
      example = what + ": planted";
      for (const auto& name : planted) {
        example += " [" + name + "]";
      }
      example += ", found";
      for (const auto& name : found) {
        example += " [" + name + "]";
      }
    }
  }

  /// At least 99 in a hundred are right.
  bool good() const noexcept { return wrong * 100 <= worlds; }
};

} // namespace worlds
