#include "xprober/store/target_filter.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "xprober/domain/ascii.hpp"
#include "xprober/domain/text_pattern.hpp"
#include "xprober/store/never_row.hpp"
#include "xprober/store/stored_row.hpp"

namespace xprober {

namespace {

bool fits(const std::optional<std::string>& wanted, std::string_view text, bool patterns = false) {
  return !wanted || (patterns ? fits_pattern(*wanted, text) : *wanted == text);
}

template <class Number>
bool fits(std::optional<std::uint64_t> wanted, Number number) {
  return !wanted || std::cmp_equal(*wanted, number);
}

/// `part` in small letters.
bool holds(std::string_view text, std::string_view part) {
  return part.empty() || !std::ranges::search(text, part, {}, ascii::lower).empty();
}

std::string_view label_of(const label_list* labels, std::string_view name) {
  if (labels == nullptr) {
    return {};
  }
  const auto found =
      std::ranges::find_if(*labels, [name](const auto& label) { return label.first == name; });
  return found == labels->end() ? std::string_view{} : std::string_view{found->second};
}

} // namespace

bool target_filter::matches(const store_table::view& row, const store_table& table) const {
  return names_match(row, table) &&
         labels_match(table.text(row.target_region), table.text(row.address),
                      table.text(row.prober)) &&
         status_matches(row, table);
}

bool target_filter::excludes_never() const {
  const auto& states = question_.terms.states;
  return !states.empty() && std::ranges::find(states, series_state::never) == states.end();
}

bool target_filter::matches(const never_target& row) const {
  const auto& terms = question_.terms;
  const auto& group = *row.group;
  const bool p = terms.patterns;
  return !excludes_never() && fits(terms.source_region, row.from->name, p) &&
         fits(terms.region, group.region, p) && fits(terms.agent, "") &&
         fits(terms.kind, never_kind_name(group), p) && fits(terms.target, row.address, p) &&
         fits(terms.reason, never_reason(row)) &&
         (!terms.detail || *terms.detail == never_status(row).detail) &&
         fits(terms.since_unix, row.since_unix) && fits(terms.streak, 0) &&
         fits(terms.time_unix, 0) && holds(row.address, terms.part) &&
         labels_match(group.region, row.address, group.type.text());
}

bool target_filter::names_match(const store_table::view& row, const store_table& table) const {
  const auto& terms = question_.terms;
  const bool p = terms.patterns;
  return fits(terms.source_region, table.text(row.source_region), p) &&
         fits(terms.region, table.text(row.target_region), p) &&
         fits(terms.agent, table.text(row.agent)) &&
         fits(terms.kind, table.kinds()[row.latest->kind].kind->name, p) &&
         fits(terms.target, table.text(row.address), p) &&
         holds(table.text(row.address), terms.part);
}

bool target_filter::labels_match(std::string_view region, std::string_view address,
                                 std::string_view prober) const {
  const auto& terms = question_.terms;
  if (!terms.uid && terms.labels.empty()) {
    return true;
  }
  const auto hash = stable_hash(region, address, prober);
  if (terms.uid && *terms.uid != hash) {
    return false;
  }
  const auto* labels = question_.labels ? question_.labels->find(hash) : nullptr;
  return std::ranges::all_of(terms.labels, [&](const auto& wanted) {
    const auto value = label_of(labels, wanted.first);
    return terms.patterns ? fits_pattern(wanted.second, value) : wanted.second == value;
  });
}

bool target_filter::status_matches(const store_table::view& row, const store_table& table) const {
  const auto& terms = question_.terms;
  const bool why = terms.reason || terms.detail;
  if (!fits(terms.time_unix, row.latest->unix_seconds)) {
    return false;
  }
  if (terms.states.empty() && !why && !terms.since_unix && !terms.streak) {
    return true;
  }
  const auto status = shown_status(table, row, question_.lost);
  const bool wanted =
      terms.states.empty() || std::ranges::find(terms.states, status.state) != terms.states.end();
  return wanted && fits(terms.since_unix, status.since_unix) && fits(terms.streak, status.streak) &&
         (!why || (tells_reason(status) && fits(terms.reason, status.reason) &&
                   fits(terms.detail, status.detail)));
}

} // namespace xprober
