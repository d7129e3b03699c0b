#include "xprober/verdict/find_causes.hpp"

#include "xprober/verdict/chance.hpp"
#include "xprober/verdict/losses.hpp"
#include "xprober/verdict/steps.hpp"

namespace xprober {

namespace {

/// A line with so many bad cells, and nearly no others, is no noise.
constexpr std::uint32_t too_many_for_noise = 5;

/// What is bad for one result only is noise, but on lines that fail as a whole.
chance measure_noise(const trouble& t) {
  std::uint64_t fresh = 0;
  std::uint64_t explained = 0;
  for (std::uint32_t i = 0; i < t.cells(); ++i) {
    const auto& c = t.at(i);
    const auto structural = [&](side of) {
      const auto& l = t.at(of, trouble::index_in(c, of));
      return l.left >= too_many_for_noise && l.whole();
    };
    if (c.explained || structural(side::source) || structural(side::target)) {
      ++explained;
    } else if (t.what(i).run < 2) {
      ++fresh;
    }
  }
  return {fresh, t.all().known_cells() - explained};
}

/// True where most of what is bad is down, and that is some lines as a whole and nothing of the
/// others: what is slow at the same time is another thing.
bool is_down_in_some_lines(const trouble& t, side of) {
  std::uint64_t left = 0;
  std::uint64_t down = 0;
  bool spares = false;
  for (const auto& l : t.lines(of)) {
    left += l.left;
    down += l.down;
    spares = spares || (l.left > 0 && l.down == 0);
    if (l.down > 0 && l.down < whole_share * l.open()) {
      return false;
    }
  }
  return spares && down * 2 > left;
}

/// True if no source and no target is better than the others while hardly a pair works.
/// `troubled`: probers that are known and out.
bool everything_fails(const trouble& t, std::uint32_t troubled) {
  std::uint64_t left = 0;
  std::uint64_t open = 0;
  for (const auto of : {side::source, side::target}) {
    std::uint32_t bad = 0;
    left = open = 0;
    for (const auto& l : t.lines(of)) {
      bad += !l.blamed && l.left > 0 && l.left * 2 >= l.open() ? 1U : 0U;
      left += l.left;
      open += l.blamed ? 0U : l.open();
    }
    if (bad < 2 || bad < t.all().known_lines(of) - (of == side::source ? troubled : 0U)) {
      return false;
    }
  }
  return static_cast<double>(left) >= whole_share * static_cast<double>(open) &&
         !is_down_in_some_lines(t, side::source) && !is_down_in_some_lines(t, side::target);
}

void blame_everything(trouble& t, std::uint64_t known, std::vector<cause>& causes) {
  cause_maker maker{t, cause_type::path, cause_scope::all};
  maker.made().undecided = true;
  std::vector<std::uint32_t> cells;
  for (std::uint32_t i = 0; i < t.cells(); ++i) {
    if (!t.at(i).explained) {
      cells.push_back(i);
    }
  }
  maker.take(explained_together(t, std::move(cells)));
  maker.made().evidence.of = static_cast<std::uint32_t>(known);
  causes.push_back(maker.finish());
}

} // namespace

verdict find_causes(const evidence& all) {
  verdict v;
  trouble t{all};
  const auto troubled = find_probers(t, v.causes);
  const auto noise = measure_noise(t);
  v.noise = noise.rate();
  std::uint64_t left = 0;
  std::uint64_t open = 0;
  std::uint64_t results = 0;
  for (const auto& l : t.lines(side::source)) {
    left += l.left;
    open += l.blamed ? 0U : l.open();
    results += l.results;
  }
  if (left > 0 && everything_fails(t, troubled) && noise.excludes(left, open, results)) {
    blame_everything(t, open, v.causes);
  }
  find_wholes(t, noise, silent_regions(all, v.causes), v.causes);
  find_parts(t, noise, v.causes);
  for (const auto& l : t.lines(side::source)) {
    v.unexplained += l.left;
  }
  merge_regions(all, v.causes);
  merge_bursts(v.causes);
  finish_causes(all, v.causes);
  return v;
}

} // namespace xprober
