#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "xprober/verdict/chance.hpp"
#include "xprober/verdict/steps.hpp"

namespace xprober {

namespace {

/// Two agents or more are a region's; all that there are, where there are five.
constexpr std::uint32_t several_agents = 2;
constexpr std::uint32_t many_probers = 5;
/// One prober in ten may be well where all the others are in trouble together.
constexpr double most_probers = 0.9;
/// From this share of own faults on a prober is in trouble.
constexpr double fault_share = 0.25;

/// What has been seen of own faults but on one prober is what chance makes of them.
prober_trouble trouble_of(const evidence::source_line& s, std::uint64_t faults,
                          std::uint64_t series) noexcept {
  if (s.info.trouble != prober_trouble::none) {
    return s.info.trouble;
  }
  if (s.known == 0 && s.fault == 0) {
    return s.unknown > 0 ? prober_trouble::silent : prober_trouble::none;
  }
  const auto own = s.fault + s.known;
  const bool faulty =
      s.fault > 0 && s.fault >= fault_share * own &&
      (s.known == 0 || chance{faults - s.fault, series - own}.excludes(s.fault, own, s.fault));
  return faulty ? prober_trouble::faults : prober_trouble::none;
}

/// Sources in trouble: those of one region together, and all together where it is all.
class prober_search {
public:
  explicit prober_search(trouble& t) : trouble_(t) {}

  /// How many of those that have results are in trouble.
  std::uint32_t run(std::vector<cause>& causes) {
    const auto& sources = trouble_.all().sources();
    const auto& rows = trouble_.lines(side::source);
    std::uint32_t there = 0;
    std::map<std::uint32_t, std::uint32_t> of_region;
    std::map<prober_trouble, std::vector<std::uint32_t>> found;
    std::uint32_t with_results = 0;
    std::uint64_t faults = 0;
    std::uint64_t series = 0;
    for (const auto& s : sources) {
      faults += s.fault;
      series += s.fault + s.known;
    }
    for (std::uint32_t number = 0; number < sources.size(); ++number) {
      const auto& s = sources[number];
      const auto what = trouble_of(s, faults, series);
      if (what == prober_trouble::none && s.known + s.fault == 0) {
        continue;
      }
      ++there;
      ++of_region[s.info.region];
      if (what != prober_trouble::none) {
        found[what].push_back(number);
        with_results += trouble_.all().line_of(side::source, number).known() > 0 ? 1U : 0U;
      }
    }
    for (std::uint32_t index = 0; index < rows.size(); ++index) {
      row_of_[rows[index].number] = index;
    }
    for (const auto& [what, numbers] : found) {
      if (numbers.size() >= many_probers &&
          static_cast<double>(numbers.size()) >= most_probers * there) {
        causes.push_back(make(what, numbers, cause_scope::all, no_number));
        causes.back().members = {static_cast<std::uint32_t>(numbers.size()), there};
        continue;
      }
      by_region(what, numbers, of_region, causes);
    }
    return with_results;
  }

private:
  void by_region(prober_trouble what, const std::vector<std::uint32_t>& numbers,
                 const std::map<std::uint32_t, std::uint32_t>& of_region,
                 std::vector<cause>& causes) {
    std::map<std::uint32_t, std::vector<std::uint32_t>> regions;
    for (const auto number : numbers) {
      regions[trouble_.all().sources()[number].info.region].push_back(number);
    }
    for (const auto& [region, members] : regions) {
      const auto count = static_cast<std::uint32_t>(members.size());
      if (region != no_number && count >= several_agents && count == of_region.at(region)) {
        causes.push_back(make(what, members, cause_scope::group, region));
        causes.back().members = {count, count};
        continue;
      }
      for (const auto number : members) {
        causes.push_back(make(what, {number}, cause_scope::one, no_number));
      }
    }
  }

  cause make(prober_trouble what, const std::vector<std::uint32_t>& numbers, cause_scope scope,
             std::uint32_t group) {
    cause_maker maker{trouble_, cause_type::prober, scope};
    for (const auto number : numbers) {
      if (const auto row = row_of_.find(number); row != row_of_.end()) {
        maker.blame(side::source, row->second);
      }
    }
    auto& made = maker.made();
    made.trouble = what;
    made.group = group;
    made.sources = numbers;
    made.evidence = {};
    for (const auto number : numbers) {
      const auto& s = trouble_.all().sources()[number];
      // Of one that is lost the last results are still known for a while: they say nothing of it.
      if (what == prober_trouble::silent && s.info.trouble == prober_trouble::silent) {
        continue;
      }
      made.evidence.bad += what == prober_trouble::silent ? s.unknown : s.fault;
      made.evidence.of += s.known + s.fault + s.unknown;
    }
    return maker.finish();
  }

  trouble& trouble_;
  std::unordered_map<std::uint32_t, std::uint32_t> row_of_;
};

} // namespace

std::uint32_t find_probers(trouble& t, std::vector<cause>& causes) {
  return prober_search{t}.run(causes);
}

} // namespace xprober
