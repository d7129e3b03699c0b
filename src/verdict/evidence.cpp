#include "xprober/verdict/evidence.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "xprober/domain/string_hash.hpp"

namespace xprober {

namespace {

evidence::bad_cell to_bad_cell(const cell_counts& counts, cell_state state) noexcept {
  return {counts.failing,
          counts.bad(),
          counts.known(),
          counts.reason,
          counts.sentence,
          counts.since_s,
          static_cast<std::uint8_t>(run_of(counts)),
          state == cell_state::failing};
}

/// By an eighth at a time: of a million targets half as many again would be too many.
template <class T>
T& grown(std::vector<T>& values, std::uint32_t number) {
  if (number >= values.capacity()) {
    values.reserve(std::size_t{number} + number / 8 + 1);
  }
  if (number >= values.size()) {
    values.resize(std::size_t{number} + 1);
  }
  return values[number];
}

std::uint64_t hash_of_list(const std::vector<std::uint32_t>& groups) {
  std::uint64_t hash = 0;
  for (const auto group : groups) {
    hash = combine_hash(hash, std::uint64_t{group});
  }
  return hash;
}

} // namespace

std::uint64_t hash_cell(const evidence::bad_cell& cell) noexcept {
  const std::array<std::uint32_t, 7> fields{cell.failing,
                                            cell.bad,
                                            cell.known,
                                            cell.reason,
                                            cell.sentence,
                                            cell.since_s,
                                            cell.run | std::uint32_t{cell.down} << 8U};
  return hash_bytes({reinterpret_cast<const char*>(fields.data()), sizeof(fields)});
}

std::uint32_t evidence::line_numbers(side of) const noexcept {
  return static_cast<std::uint32_t>(of == side::source ? rows_.size() : columns_->size());
}

evidence::line evidence::line_of(side of, std::uint32_t number) const noexcept {
  if (number >= line_numbers(of)) {
    return {};
  }
  return of == side::source ? rows_[number] : (*columns_)[number].get();
}

void evidence::set_line(side of, std::uint32_t number, const line& l) {
  if (of == side::source) {
    grown(rows_, number) = l;
  } else {
    grown(*columns_, number).set(l);
  }
}

evidence::source_line& evidence::source_at(std::uint32_t number) {
  grown(rows_, number);
  return grown(sources_, number);
}

std::span<const std::uint32_t> evidence::groups_of(side of, std::uint32_t number) const {
  return group_lists_[line_of(of, number).groups].groups;
}

std::uint32_t evidence::known_members(side of, std::uint32_t group) const noexcept {
  const auto& members = members_[place(of)];
  return group < members.size() ? members[group] : 0;
}

void evidence::count_members(side of, std::uint32_t list, bool more) {
  const auto step = more ? 1U : ~0U;
  known_lines_[place(of)] += step;
  for (const auto group : group_lists_[list].groups) {
    grown(members_[place(of)], group) += step;
  }
}

void evidence::count_cell(side of, std::uint32_t number, cell_state state, bool more) {
  auto l = line_of(of, number);
  const auto before = l.known();
  (is_bad(state) ? l.bad : l.ok) += more ? 1U : ~0U;
  set_line(of, number, l);
  if ((before == 0) != (l.known() == 0)) {
    count_members(of, l.groups, more);
  }
}

void evidence::regroup(side of, std::uint32_t number, std::vector<std::uint32_t> groups) {
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  const auto next = acquire_list(std::move(groups));
  auto l = line_of(of, number);
  if (l.groups == next) {
    set_line(of, number, l); // it may be a new one
    release_list(next);
    return;
  }
  ++revision_;
  const bool known = l.known() > 0;
  if (known) {
    count_members(of, l.groups, false);
  }
  release_list(std::exchange(l.groups, next));
  set_line(of, number, l);
  if (known) {
    count_members(of, l.groups, true);
  }
}

std::uint32_t evidence::acquire_list(std::vector<std::uint32_t> groups) {
  if (groups.empty()) {
    return 0;
  }
  const auto hash = hash_of_list(groups);
  const auto [first, last] = lists_by_hash_.equal_range(hash);
  for (auto i = first; i != last; ++i) {
    if (group_lists_[i->second].groups == groups) {
      ++group_lists_[i->second].lines;
      return i->second;
    }
  }
  auto number = static_cast<std::uint32_t>(group_lists_.size());
  if (free_lists_.empty()) {
    if (group_lists_.size() == most_lists) {
      return 0;
    }
    group_lists_.emplace_back();
  } else {
    number = free_lists_.back();
    free_lists_.pop_back();
  }
  groups.shrink_to_fit();
  group_lists_[number] = {std::move(groups), 1};
  lists_by_hash_.emplace(hash, number);
  return number;
}

void evidence::release_list(std::uint32_t number) {
  if (number == 0 || --group_lists_[number].lines > 0) {
    return;
  }
  const auto [first, last] = lists_by_hash_.equal_range(hash_of_list(group_lists_[number].groups));
  for (auto i = first; i != last; ++i) {
    if (i->second == number) {
      lists_by_hash_.erase(i);
      break;
    }
  }
  group_lists_[number] = {};
  free_lists_.push_back(number);
}

void evidence::set_source(std::uint32_t source, const source_info& info) {
  auto& s = source_at(source);
  if (s.info == info) {
    return;
  }
  ++revision_;
  if (s.info.behind != info.behind) {
    if (info.behind) {
      behind_.push_back(source);
    } else {
      std::erase(behind_, source);
    }
  }
  s.info = info;
  regroup(side::source, source,
          info.region == no_number ? std::vector<std::uint32_t>{} : std::vector{info.region});
}

std::vector<std::uint32_t> evidence::behind() const {
  auto found = behind_;
  std::erase_if(found, [&](std::uint32_t source) {
    const auto& s = sources_[source];
    return s.known + s.fault + s.unknown == 0;
  });
  return found;
}

void evidence::set_groups(std::uint32_t target, std::span<const std::uint32_t> groups) {
  regroup(side::target, target, {groups.begin(), groups.end()});
}

void evidence::replace(std::uint32_t source, std::uint32_t target, const cell_counts& before,
                       const cell_counts& after) {
  auto& s = source_at(source);
  if (before.fault != after.fault || before.unknown != after.unknown) {
    ++revision_;
  }
  // Unsigned, so that less is more modulo 2^32.
  s.known += after.known() - before.known();
  s.fault += after.fault - before.fault;
  s.unknown += after.unknown - before.unknown;
  const auto was = state_of(before);
  const auto is = state_of(after);
  if (was != is) {
    ++revision_;
    for (const bool more : {false, true}) {
      const auto state = more ? is : was;
      if (state != cell_state::unknown) {
        known_cells_ += more ? 1U : ~std::uint64_t{0};
        count_cell(side::source, source, state, more);
        count_cell(side::target, target, state, more);
      }
    }
  }
  if (is_bad(is)) {
    revision_ += bad_.set(source, target, to_bad_cell(after, is)) ? 1U : 0U;
  } else if (is_bad(was)) {
    bad_.erase(source, target);
  }
  unheard_.note(source, target, is_bad(was),
                is == cell_state::unknown && after.fault + after.unknown > 0);
}

} // namespace xprober
