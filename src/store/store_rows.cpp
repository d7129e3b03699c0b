#include "xprober/store/store_rows.hpp"

#include "xprober/domain/string_hash.hpp"

namespace xprober {

std::uint64_t store_rows::traits::hash(const key& k) {
  return combine_hash(std::uint64_t{k.agent}, std::uint64_t{k.target});
}

slot store_rows::add(slot agent, slot target, kind_number kind, monotonic_time now) {
  series_row fresh;
  fresh.agent = agent;
  fresh.target = target;
  fresh.latest.kind = kind;
  fresh.renewed = std::chrono::floor<series_row::time::duration>(now);
  fresh.memory.chain = static_cast<std::uint8_t>(row_chain::stale);
  const auto row = rows_.insert(fresh);
  note_state(row);
  chain(row_chain::stale).link(rows_, row);
  return row;
}

void store_rows::erase(slot row) {
  chain(rows_[row].chain()).unlink(rows_, row);
  by_state_.clear(row);
  rows_.erase(row);
}

void store_rows::silence(slot row) {
  auto& r = rows_[row];
  chain(r.chain()).unlink(rows_, row);
  r.memory.chain = static_cast<std::uint8_t>(row_chain::stale);
  chain(row_chain::stale).link(rows_, row);
}

} // namespace xprober
