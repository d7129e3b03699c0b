#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "xprober/verdict/steps.hpp"

namespace xprober {

namespace {

/// So many targets, groups of them or paths that begin to fail within `burst_seconds` have one
/// cause: a period of 15 s and the ways of two batches fit into it four times.
constexpr std::size_t burst_causes = 20;
/// A group stands for many targets: two of them that begin together are one cause.
constexpr std::size_t group_weight = 10;
constexpr std::uint32_t burst_seconds = 60;

std::uint32_t region_of(const evidence& all, std::uint32_t source) {
  const auto region = all.sources()[source].info.region;
  return region == no_number ? source : region;
}

/// The sources of each region that take part.
std::map<std::uint32_t, std::vector<std::uint32_t>> sources_by_region(const evidence& all) {
  std::map<std::uint32_t, std::vector<std::uint32_t>> regions;
  const auto& sources = all.sources();
  for (std::uint32_t number = 0; number < sources.size(); ++number) {
    const auto& s = sources[number];
    if (s.known + s.fault + s.unknown > 0 || s.info.trouble != prober_trouble::none) {
      regions[region_of(all, number)].push_back(number);
    }
  }
  return regions;
}

/// The cause that takes each region's sources as a whole.
class region_merge {
public:
  region_merge(const evidence& all, std::vector<cause>& causes)
      : causes_(causes), sources_(sources_by_region(all)), gone_(causes.size()) {
    for (std::size_t i = 0; i < causes.size(); ++i) {
      const auto& c = causes[i];
      if (c.type == cause_type::source ||
          (c.type == cause_type::prober && c.trouble == prober_trouble::silent)) {
        for (const auto source : c.sources) {
          blamed_.emplace(source, i);
        }
      }
    }
  }

  void run() {
    for (auto& c : causes_) {
      if (c.type == cause_type::target && has_sources_of_all(c.targets)) {
        merge(c);
      }
    }
    std::vector<cause> kept;
    for (std::size_t i = 0; i < causes_.size(); ++i) {
      auto& c = causes_[i];
      const bool of_sources = c.type == cause_type::source || c.type == cause_type::prober;
      if (!gone_[i] || !(of_sources && c.sources.empty())) {
        kept.push_back(std::move(c));
      }
    }
    causes_ = std::move(kept);
  }

private:
  bool has_sources_of_all(const std::vector<std::uint32_t>& regions) const {
    return std::all_of(regions.begin(), regions.end(), [&](std::uint32_t region) {
      const auto found = sources_.find(region);
      return found != sources_.end() &&
             std::all_of(found->second.begin(), found->second.end(),
                         [&](std::uint32_t source) { return blamed_.count(source) > 0; });
    });
  }

  /// The sources leave the causes that named them.
  void merge(cause& c) {
    c.type = cause_type::region;
    c.sources.clear();
    for (const auto region : c.targets) {
      for (const auto source : sources_.at(region)) {
        const auto from = blamed_.at(source);
        auto& old = causes_[from];
        gone_[from] = true;
        old.sources.erase(std::remove(old.sources.begin(), old.sources.end(), source),
                          old.sources.end());
        if (old.type == cause_type::prober) {
          c.trouble = prober_trouble::silent;
        }
      }
    }
    c.sources = c.targets;
  }

  std::vector<cause>& causes_;
  std::map<std::uint32_t, std::vector<std::uint32_t>> sources_;
  std::map<std::uint32_t, std::size_t> blamed_;
  std::vector<bool> gone_;
};

/// These causes, all of one type, as one.
cause gather(const std::vector<cause>& causes, std::span<const std::uint32_t> members) {
  cause whole;
  const auto& first = causes[members.front()];
  whole.type = first.type;
  whole.scope = cause_scope::together;
  whole.partial = whole.degraded = true;
  whole.mixed = std::any_of(members.begin(), members.end(), [&](std::uint32_t member) {
    return causes[member].degraded != first.degraded;
  });
  whole.since_s = first.since_s;
  struct told {
    std::uint32_t cells = 0;
    std::uint32_t sentence = no_number;
  };
  std::map<std::uint32_t, told> reasons;
  std::map<std::uint32_t, std::uint32_t, std::greater<>> runs; // cells
  std::map<std::uint32_t, std::uint32_t, std::greater<>> whole_runs;
  std::uint32_t unsettled = 0; // cells
  std::uint32_t of_before = 0; // likewise
  for (const auto member : members) {
    const auto& c = causes[member];
    whole.targets.insert(whole.targets.end(), c.targets.begin(), c.targets.end());
    whole.sources.insert(whole.sources.end(), c.sources.begin(), c.sources.end());
    whole.evidence.bad += c.evidence.bad;
    whole.evidence.of += c.evidence.of;
    unsettled += c.unsettled ? c.evidence.bad : 0;
    of_before += c.of_before ? c.evidence.bad : 0;
    whole.partly_of_before = whole.partly_of_before || c.partly_of_before;
    whole.failing_series += c.failing_series;
    whole.known_series += c.known_series;
    whole.partial = whole.partial && c.partial;
    whole.degraded = whole.degraded && c.degraded;
    runs[c.run] += c.evidence.bad;
    whole_runs[c.whole_run] += c.evidence.bad;
    if (c.reason != no_number) {
      auto& said = reasons[c.reason];
      said.cells += c.reason_cells;
      said.sentence = said.sentence == no_number ? c.sentence : said.sentence;
    }
  }
  whole.unsettled = unsettled * 2 > whole.evidence.bad;
  whole.of_before = of_before * 2 > whole.evidence.bad;
  for (auto* numbers : {&whole.sources, &whole.targets}) {
    std::sort(numbers->begin(), numbers->end());
    numbers->erase(std::unique(numbers->begin(), numbers->end()), numbers->end());
  }
  const auto reach = [](const auto& cells_by_run, double enough) {
    std::uint32_t reached = 0;
    std::uint32_t least = 0;
    for (auto run = cells_by_run.begin(); run != cells_by_run.end() && reached < enough; ++run) {
      reached += run->second;
      least = run->first;
    }
    return least;
  };
  const auto most = whole.evidence.bad / 2 + 1;
  whole.run = reach(runs, most);
  whole.whole_run = reach(whole_runs, whole_share * whole.evidence.bad);
  for (const auto& [reason, said] : reasons) {
    if (said.cells > whole.reason_cells) {
      whole.reason = reason;
      whole.reason_cells = said.cells;
      whole.sentence = said.sentence;
    }
  }
  return whole;
}

enum class burst_of : std::uint8_t { failing, degraded, both };

bool belongs(const cause& c, cause_type type, burst_of which) noexcept {
  return c.type == type && c.since_s != 0 && c.scope != cause_scope::all &&
         (which == burst_of::both || c.degraded == (which == burst_of::degraded));
}

/// `gone`: causes that are in a burst.
void find_bursts(const std::vector<cause>& causes, cause_type type, burst_of which,
                 std::vector<bool>& gone, std::vector<cause>& merged) {
  std::vector<std::uint32_t> places;
  for (std::uint32_t i = 0; i < causes.size(); ++i) {
    if (!gone[i] && belongs(causes[i], type, which)) {
      places.push_back(i);
    }
  }
  std::stable_sort(places.begin(), places.end(), [&](std::uint32_t a, std::uint32_t b) {
    return causes[a].since_s < causes[b].since_s;
  });
  for (auto first = places.begin(); first != places.end();) {
    const auto last = std::find_if(first, places.end(), [&](std::uint32_t place) {
      return causes[place].since_s - causes[*first].since_s > burst_seconds;
    });
    std::size_t weight = 0;
    for (auto place = first; place != last && weight < burst_causes; ++place) {
      weight += causes[*place].scope == cause_scope::group ? group_weight : 1;
    }
    if (weight < burst_causes) {
      ++first;
      continue;
    }
    merged.push_back(gather(causes, {first, last}));
    for (; first != last; ++first) {
      gone[*first] = true;
    }
  }
}

std::uint32_t number_blamed(const cause& c, side of) noexcept {
  if (of == side::target) {
    return c.type == cause_type::target || c.type == cause_type::region
               ? static_cast<std::uint32_t>(c.targets.size())
               : 0;
  }
  return c.type == cause_type::source || c.type == cause_type::prober
             ? static_cast<std::uint32_t>(c.sources.size())
             : 0;
}

} // namespace

std::vector<bool> silent_regions(const evidence& all, const std::vector<cause>& causes) {
  std::vector<bool> silent;
  if (!all.pairs()) {
    return silent;
  }
  std::vector<std::uint32_t> sources;
  for (const auto& c : causes) {
    if (c.type == cause_type::prober && c.trouble == prober_trouble::silent) {
      sources.insert(sources.end(), c.sources.begin(), c.sources.end());
    }
  }
  std::sort(sources.begin(), sources.end());
  for (const auto& [region, members] : sources_by_region(all)) {
    if (std::includes(sources.begin(), sources.end(), members.begin(), members.end())) {
      silent.resize(std::max<std::size_t>(silent.size(), std::size_t{region} + 1));
      silent[region] = true;
    }
  }
  return silent;
}

void merge_regions(const evidence& all, std::vector<cause>& causes) {
  if (all.pairs()) {
    region_merge{all, causes}.run();
  }
}

/// By their places: causes are large, and there may be as many as targets. What fails and what is
/// slow are told apart where each is a burst of its own; else a few dead targets were lost in one
/// of slow ones.
void merge_bursts(std::vector<cause>& causes) {
  std::vector<cause> merged;
  std::vector<bool> gone(causes.size());
  for (const auto type : {cause_type::target, cause_type::path}) {
    for (const auto which : {burst_of::failing, burst_of::degraded, burst_of::both}) {
      find_bursts(causes, type, which, gone, merged);
    }
  }
  if (merged.empty()) {
    return;
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < causes.size(); ++i) {
    if (!gone[i] && kept++ != i) {
      causes[kept - 1] = std::move(causes[i]);
    }
  }
  causes.resize(kept);
  std::move(merged.begin(), merged.end(), std::back_inserter(causes));
}

void finish_causes(const evidence& all, std::vector<cause>& causes) {
  std::uint32_t blamed[2] = {0, 0};
  std::uint32_t there[2] = {0, all.known_lines(side::target)};
  for (const auto& s : all.sources()) {
    there[0] += s.known + s.fault + s.unknown > 0 ? 1U : 0U;
  }
  for (const auto& c : causes) {
    blamed[0] += number_blamed(c, side::source);
    blamed[1] += number_blamed(c, side::target);
  }
  for (auto& c : causes) {
    if (c.type == cause_type::path) {
      continue;
    }
    const auto of =
        c.type == cause_type::source || c.type == cause_type::prober ? side::source : side::target;
    const auto own = number_blamed(c, of);
    const auto at = static_cast<std::size_t>(of);
    c.others = {blamed[at] - own, std::max(there[at], own) - own};
  }
  std::sort(causes.begin(), causes.end(), [](const cause& a, const cause& b) {
    return std::tie(b.evidence.bad, a.type, a.sources, a.targets) <
           std::tie(a.evidence.bad, b.type, b.sources, b.targets);
  });
}

} // namespace xprober
