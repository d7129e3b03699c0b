#include "xprober/store/certificates.hpp"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "xprober/store/store_table.hpp"

namespace xprober {

namespace {

/// The cell with the end of the certificate that ends first; nothing for a kind without any.
std::optional<std::size_t> end_cell(const stored_kind& stored) {
  const auto& kind = *stored.kind;
  const auto column = kind.find(column_role::time);
  return column ? cell_of(kind, *column) : std::nullopt;
}

auto order_of(const seen_certificate& c) {
  return std::tuple{std::string_view{c.target.address}, std::string_view{c.target.region},
                    c.target.type.text(), std::string_view{c.kind}, c.not_after_unix};
}

} // namespace

std::vector<seen_certificate> find_certificates(const store_table& table, monotonic_time now,
                                                std::int64_t until_unix,
                                                const std::vector<std::string>& targets) {
  std::vector<seen_certificate> found;
  table.for_each_fresh(now, [&](const store_table::view& v) {
    const auto& latest = *v.latest;
    if (latest.get(0).value_or(0) <= 0) {
      return;
    }
    const auto& kind = table.kinds()[latest.kind];
    const auto cell = end_cell(kind);
    if (!cell || !latest.has(*cell)) {
      return;
    }
    const auto form = kind.column(*cell).form;
    const auto end = static_cast<std::int64_t>(column_number(form, latest.cells[*cell]));
    const auto& address = table.text(v.address);
    if (end > 0 && (end <= until_unix || std::ranges::binary_search(targets, address))) {
      found.push_back({{table.text(v.target_region), address, prober_name{table.text(v.prober)}},
                       kind.kind->name,
                       end});
    }
  });
  std::ranges::sort(found, {}, order_of);
  const auto [first, last] = std::ranges::unique(found);
  found.erase(first, last);
  return found;
}

} // namespace xprober
