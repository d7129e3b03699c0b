#include "xprober/verdict/witness.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "xprober/verdict/trouble.hpp"

namespace xprober {

namespace {

/// As for causes: from a quarter of own faults on a prober is in trouble.
constexpr std::uint64_t faults_of_known = 3;

struct testimony {
  std::size_t found = 0;
  std::size_t well = 0;
};

/// What was bad when its results stopped speaks against it as what is bad.
bool line_is_well(const kind_picture& kind, side of, std::uint32_t number) {
  const auto l = kind.all->line_of(of, number);
  const auto& unheard = kind.all->unheard();
  const auto silent = of == side::source ? unheard.of_source(number) : unheard.of_target(number);
  if (l.ok == 0 || l.ok < l.bad + silent) {
    return false;
  }
  if (of == side::target || number >= kind.all->sources().size()) {
    return of == side::target;
  }
  const auto& s = kind.all->sources()[number];
  return s.info.trouble == prober_trouble::none &&
         s.fault * faults_of_known < std::uint64_t{s.known};
}

std::vector<std::uint32_t> find_names(const kind_picture& kind, side of,
                                      const std::vector<std::string>& names) {
  std::vector<std::uint32_t> numbers;
  for (const auto& name : names) {
    if (const auto number = kind.names->find(of, name)) {
      numbers.push_back(*number);
    }
  }
  return numbers;
}

void ask_lines(const kind_picture& kind, side of, const std::vector<std::uint32_t>& numbers,
               testimony& said) {
  for (const auto number : numbers) {
    ++said.found;
    said.well += line_is_well(kind, of, number) ? 1 : 0;
  }
}

bool is_silent(const kind_picture& kind, std::uint32_t source,
               const std::vector<std::uint32_t>& targets) {
  const auto& sources = kind.all->sources();
  return kind.all->line_of(side::source, source).known() == 0 ||
         sources[source].info.trouble != prober_trouble::none ||
         std::ranges::any_of(targets, [&](std::uint32_t target) {
           return kind.all->unheard().contains(source, target);
         });
}

/// Most of those that failed to reach a target say nothing now. The others have reached it before.
bool is_unheard(const kind_picture& kind, const incident& what) {
  const auto sources = find_names(kind, side::source, what.sources.names);
  const auto targets = find_names(kind, side::target, what.targets.names);
  const auto silent = std::ranges::count_if(
      sources, [&](std::uint32_t source) { return is_silent(kind, source, targets); });
  return !targets.empty() && static_cast<std::size_t>(silent) * 2 > sources.size();
}

/// One that fails, or has no result, speaks against it.
void ask_pairs(const kind_picture& kind, const incident& what, testimony& said) {
  const auto sources = find_names(kind, side::source, what.sources.names);
  const auto targets = find_names(kind, side::target, what.targets.names);
  const auto& bad = kind.all->bad_cells();
  const auto known = [&](side of, std::uint32_t number) {
    return kind.all->line_of(of, number).known() > 0;
  };
  for (const auto source : sources) {
    for (const auto target : targets) {
      ++said.found;
      const bool heard = known(side::source, source) && known(side::target, target) &&
                         !kind.all->unheard().contains(source, target);
      said.well += heard && !bad.contains(source, target) ? 1 : 0;
    }
  }
}

bool may_know_better(const kind_picture& kind, const std::vector<std::uint32_t>& behind,
                     std::uint32_t target) {
  const auto l = kind.all->line_of(side::target, target);
  if (l.known() == 0) {
    return false;
  }
  const auto said = std::ranges::count_if(
      behind, [&](std::uint32_t source) { return kind.all->bad_cells().contains(source, target); });
  return may_turn_bad(l.bad, l.known(),
                      static_cast<std::uint32_t>(behind.size() - static_cast<std::size_t>(said)));
}

/// What its own sources have yet to deliver, or enough of those of its targets.
bool awaits_backlog(const incident_track& track, const kind_picture& kind) {
  const auto behind = kind.all->behind();
  if (behind.empty() || track.what.kind == incident_kind::prober) {
    return false;
  }
  const auto sources = find_names(kind, side::source, track.what.sources.names);
  const bool blamed = track.what.pairs || !track.sources.empty();
  if (blamed && std::ranges::any_of(sources, [&](std::uint32_t source) {
        return std::ranges::find(behind, source) != behind.end();
      })) {
    return true;
  }
  if (track.what.pairs || track.targets.empty()) {
    return false;
  }
  const auto targets = find_names(kind, side::target, track.what.targets.names);
  return std::ranges::any_of(
      targets, [&](std::uint32_t target) { return may_know_better(kind, behind, target); });
}

} // namespace

bool is_well(const incident_track& track, std::span<const kind_picture> kinds) {
  const auto& what = track.what;
  testimony said;
  for (const auto& kind : kinds) {
    if (kind.probe_type != what.probe_type) {
      continue;
    }
    if (what.pairs) {
      ask_pairs(kind, what, said);
      continue;
    }
    if (!track.targets.empty() && track.sources.empty() && is_unheard(kind, what)) {
      return false;
    }
    if (!track.targets.empty()) {
      ask_lines(kind, side::target, find_names(kind, side::target, what.targets.names), said);
    }
    if (!track.sources.empty()) {
      ask_lines(kind, side::source, find_names(kind, side::source, what.sources.names), said);
    }
  }
  return what.pairs ? said.well == said.found : said.found == 0 || said.well * 2 > said.found;
}

bool awaits_backlog(const incident_track& track, std::span<const kind_picture> kinds) {
  return std::ranges::any_of(kinds, [&](const kind_picture& kind) {
    return kind.probe_type == track.what.probe_type && awaits_backlog(track, kind);
  });
}

} // namespace xprober
