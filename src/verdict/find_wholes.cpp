#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <queue>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "xprober/verdict/block_finder.hpp"
#include "xprober/verdict/steps.hpp"

namespace xprober {

namespace {

/// Fewer targets than this in a group fail one by one: a label or prefix that three of them share
/// says little. The same for all sources, or all targets.
constexpr std::uint32_t many = 5;
/// A region is a group of agents from two on.
constexpr std::uint32_t agents_of_region = 2;
/// So many of a group's members must fail as a whole: what spares one in ten is not the group's.
constexpr double group_share = 0.9;

/// Lines, and groups of them, that fail as a whole.
class whole_search {
public:
  whole_search(trouble& t, const chance& noise, std::vector<bool> silent)
      : trouble_(t), noise_(noise), silent_(std::move(silent)), blocks_(t, noise) {}

  void run(std::vector<cause>& causes) {
    for (const auto of : {side::source, side::target}) {
      add_candidates(of);
    }
    while (const auto top = next()) {
      const auto now = weigh(*top);
      if (!now) {
        continue;
      }
      if (now->rank() != top->rank()) {
        queue_.push(*now); // others have explained some of it
        continue;
      }
      if (!now->is_group && blocks_.is_of_block(now->of, now->index)) {
        continue;
      }
      causes.push_back(blame(*now));
    }
  }

private:
  /// `score`: cells explained, less twice those that speak against it. The least `against` and the
  /// fewest `lines` decide between equals: of sources and targets that explain the same, those are
  /// to blame whose own cells fail without exception.
  struct candidate {
    double score = 0;
    double against = 0;
    std::uint32_t lines = 1;
    side of = side::source;
    bool is_group = false;
    std::uint32_t index = 0; ///< of a line; a group's place in `groups_`

    std::tuple<double, double, double, side, bool, std::int64_t> rank() const noexcept {
      return {score, -against, -static_cast<double>(lines), of, is_group, -std::int64_t{index}};
    }
    bool operator<(const candidate& b) const noexcept { return rank() < b.rank(); }
  };
  struct group {
    std::uint32_t number = no_number; ///< `no_number`: all
    std::vector<std::uint32_t> lines;
  };

  /// Puts the highest of `first_` in order: there may be a hundred thousand, of which only a few
  /// have to be weighed anew. Those that another cause has explained meanwhile are left out, mostly
  /// all.
  void put_in_order() {
    first_.erase(first_.begin(), first_.begin() + static_cast<std::ptrdiff_t>(next_));
    std::erase_if(first_, [this](const candidate& c) { return trouble_.at(c.of, c.index).blamed; });
    next_ = 0;
    in_order_ = std::min(first_.size(), at_once_);
    at_once_ *= 4;
    const auto middle = first_.begin() + static_cast<std::ptrdiff_t>(in_order_);
    const auto goes_first = [](const candidate& a, const candidate& b) { return b < a; };
    std::nth_element(first_.begin(), middle, first_.end(), goes_first);
    std::sort(first_.begin(), middle, goes_first);
    if (in_order_ > 0) {
      highest_ = first_[in_order_ - 1];
    }
  }

  std::optional<candidate> next() {
    if (next_ == in_order_ && (queue_.empty() || !(highest_ < queue_.top()))) {
      put_in_order();
    }
    if (next_ < in_order_ && (queue_.empty() || queue_.top() < first_[next_])) {
      return first_[next_++];
    }
    if (queue_.empty()) {
      return std::nullopt;
    }
    const auto top = queue_.top();
    queue_.pop();
    return top;
  }

  void add_candidates(side of) {
    std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> members;
    std::vector<std::uint32_t> all;
    const auto& lines = trouble_.lines(of);
    const auto whole = static_cast<std::size_t>(
        std::ranges::count_if(lines, [](const auto& line) { return line.whole(); }));
    first_.reserve(first_.size() + whole);
    all.reserve(whole);
    for (std::uint32_t index = 0; index < lines.size(); ++index) {
      if (!lines[index].whole()) {
        continue;
      }
      push({0, 0, 1, of, false, index});
      for (const auto number : trouble_.all().groups_of(of, lines[index].number)) {
        members[number].push_back(index);
      }
      all.push_back(index);
    }
    std::vector<group> found;
    found.reserve(members.size() + 1);
    for (auto& [number, indexes] : members) {
      found.push_back({number, std::move(indexes)});
    }
    std::sort(found.begin(), found.end(),
              [](const group& a, const group& b) { return a.number < b.number; });
    found.push_back({no_number, std::move(all)});
    for (auto& g : found) {
      if (g.lines.size() >= least_members(of, g)) {
        groups_.push_back(std::move(g));
        push({0, 0, 0, of, true, static_cast<std::uint32_t>(groups_.size() - 1)});
      }
    }
  }

  static std::uint32_t least_members(side of, const group& g) noexcept {
    return of == side::source && g.number != no_number ? agents_of_region : many;
  }

  std::uint32_t members_of(side of, const group& g) const {
    return g.number == no_number ? trouble_.all().known_lines(of)
                                 : trouble_.all().known_members(of, g.number);
  }

  void push(const candidate& c) {
    const auto weighed = weigh(c);
    if (weighed && c.is_group) {
      queue_.push(*weighed);
    } else if (weighed) {
      first_.push_back(*weighed);
      highest_ = std::max(highest_, *weighed);
    }
  }

  /// What it explains now; nothing if that makes no cause.
  std::optional<candidate> weigh(const candidate& c) const {
    return c.is_group ? weigh_group(c) : weigh_line(c);
  }

  std::optional<candidate> weigh_line(candidate c) const {
    const auto& l = trouble_.at(c.of, c.index);
    if (!l.whole() || l.blamed || !tells_side(c.of, c.index) ||
        !noise_.excludes(l.left, l.open(), l.results)) {
      return std::nullopt;
    }
    c.against = l.ok;
    c.score = l.left - 2.0 * l.ok;
    if (is_dark(c.of, c.index)) {
      // A row that is silent would fail, too.
      c.score += trouble_.all().known_lines(side::target) - 1;
    }
    return c;
  }

  /// True for a region whose probers are silent.
  bool is_dark(side of, std::uint32_t index) const {
    const auto number = trouble_.at(of, index).number;
    return of == side::target && number < silent_.size() && silent_[number];
  }

  /// A single pair does not tell its source from its target, unless the source has others or the
  /// target is silent.
  bool tells_side(side of, std::uint32_t index) const {
    const auto& l = trouble_.at(of, index);
    if (l.open() > 1 || is_dark(of, index)) {
      return true;
    }
    bool tells = false;
    trouble_.for_each_left(of, index, [&](std::uint32_t cell) {
      const auto& source = trouble_.at(side::source, trouble_.at(cell).lines[0]);
      tells = of == side::target && source.ok + source.bad > 1;
    });
    return tells;
  }

  std::optional<candidate> weigh_group(candidate c) const {
    const auto& g = groups_[c.index];
    std::uint32_t whole = 0;
    std::uint32_t blamed = 0;
    std::uint64_t left = 0;
    std::uint64_t open = 0;
    std::uint64_t results = 0;
    for (const auto index : g.lines) {
      const auto& l = trouble_.at(c.of, index);
      blamed += l.blamed ? 1U : 0U;
      if (!l.blamed && l.whole()) {
        ++whole;
        left += l.left;
        open += l.open();
        results += l.results;
      }
    }
    const auto members = members_of(c.of, g) - blamed;
    if (whole < least_members(c.of, g) || whole < group_share * members ||
        !noise_.excludes(left, open, results)) {
      return std::nullopt;
    }
    const auto ok = static_cast<double>(open - left);
    const auto spared = static_cast<double>(open) / whole * (members - whole);
    c.lines = whole;
    c.score = static_cast<double>(left) - 2 * (ok + spared);
    // With one line across, every group is as pure as can be.
    c.against = trouble_.all().known_lines(other(c.of)) == 1 ? ok + spared : ok;
    return c;
  }

  cause blame(const candidate& c) {
    const auto type = c.of == side::source ? cause_type::source : cause_type::target;
    if (!c.is_group) {
      cause_maker maker{trouble_, type, cause_scope::one};
      maker.blame(c.of, c.index);
      return maker.finish();
    }
    const auto& g = groups_[c.index];
    cause_maker maker{trouble_, type,
                      g.number == no_number ? cause_scope::all : cause_scope::group};
    maker.made().group = g.number;
    maker.made().members = {c.lines, members_of(c.of, g)};
    for (const auto index : g.lines) {
      const auto& l = trouble_.at(c.of, index);
      if (!l.blamed && l.whole()) {
        maker.blame(c.of, index);
      }
    }
    return maker.finish();
  }

  trouble& trouble_;
  const chance& noise_;
  std::vector<bool> silent_;
  block_finder blocks_;
  std::vector<group> groups_;
  std::vector<candidate> first_; ///< lines as they were at the beginning
  std::size_t next_ = 0;         ///< of these
  std::size_t in_order_ = 0;     ///< so many of these are the highest ones, in order
  std::size_t at_once_ = 1024;   ///< are put in order the next time
  /// None of those that are not in order is higher.
  candidate highest_{.score = -std::numeric_limits<double>::infinity()};
  std::priority_queue<candidate> queue_; ///< groups, and lines that were weighed anew
};

} // namespace

void find_wholes(trouble& t, const chance& noise, std::vector<bool> silent,
                 std::vector<cause>& causes) {
  whole_search{t, noise, std::move(silent)}.run(causes);
}

} // namespace xprober
