#include "xprober/storage/reader_ledger.hpp"

#include <algorithm>

namespace xprober::storage {

bool reader_ledger::needs(const reader& of, std::uint64_t id) noexcept {
  const bool skipped = id > of.at.skip_after && id <= of.at.skip_through;
  return id > of.at.done && !skipped;
}

/// What was dropped right behind the position is dealt with.
void reader_ledger::settle(reader& of) noexcept {
  if (of.at.done >= of.at.skip_after && of.at.done < of.at.skip_through) {
    of.at.done = of.at.skip_through;
  }
}

void reader_ledger::add(const record_info& record) {
  bytes_ += records_.emplace(record.id, record).second ? record.bytes : 0;
  last_id_ = std::max(last_id_, record.id);
  for (auto& [name, r] : readers_) {
    r.pending_bytes += record.bytes;
    r.pending_values += record.values;
  }
}

reader_ledger::reader& reader_ledger::open(const reader_position& at, std::uint64_t max_bytes) {
  const auto [found, fresh] = readers_.try_emplace(at.name);
  auto& r = found->second;
  r.max_bytes = max_bytes;
  if (!fresh) {
    return r;
  }
  r.at = at;
  settle(r);
  r.lent = r.at.done;
  bool first = true;
  for (auto it = records_.upper_bound(r.at.done); it != records_.end(); ++it) {
    if (needs(r, it->first)) {
      r.pending_bytes += it->second.bytes;
      r.pending_values += it->second.values;
      if (first && at.rows > 0) {
        r.lent = it->first;
      }
      first = false;
    }
  }
  r.pending_values -= std::min(r.pending_values, at.values);
  return r;
}

reader_ledger::reader* reader_ledger::find(const std::string& name) {
  const auto found = readers_.find(name);
  return found == readers_.end() ? nullptr : &found->second;
}

std::optional<record_info> reader_ledger::next(const reader& of, std::uint64_t after) const {
  for (auto it = records_.upper_bound(std::max(after, of.at.done)); it != records_.end(); ++it) {
    if (it->first > of.at.skip_after && it->first < of.at.skip_through) {
      it = records_.upper_bound(of.at.skip_through);
      return it == records_.end() ? std::nullopt : std::optional{it->second};
    }
    if (needs(of, it->first)) {
      return it->second;
    }
  }
  return std::nullopt;
}

void reader_ledger::advance(reader& of, std::uint64_t done, std::uint64_t rows,
                            std::uint64_t values) {
  of.pending_values += of.at.values;
  for (auto it = records_.upper_bound(of.at.done); it != records_.end() && it->first <= done;
       ++it) {
    if (needs(of, it->first)) {
      of.pending_bytes -= std::min(of.pending_bytes, it->second.bytes);
      of.pending_values -= std::min(of.pending_values, it->second.values);
    }
  }
  of.at.done = std::max(of.at.done, done);
  settle(of);
  of.at.rows = rows;
  of.at.values = values;
  of.pending_values -= std::min(of.pending_values, values);
  of.lent = std::max(of.lent, of.at.done);
}

std::uint64_t reader_ledger::enforce(reader& of, std::uint64_t most) {
  std::uint64_t dropped = 0;
  while (of.pending_bytes > std::min(of.max_bytes, most)) {
    const auto oldest = next(of, std::max(of.lent, of.at.skip_through));
    // A second gap behind records that are being read has to wait until those are dealt with.
    const bool second_gap = of.at.skip_through > of.at.done && of.lent > of.at.skip_through;
    if (!oldest || second_gap) {
      break;
    }
    if (of.at.skip_through <= of.at.done) {
      of.at.skip_after = std::max(of.lent, of.at.done);
    }
    of.at.skip_through = oldest->id;
    of.pending_bytes -= oldest->bytes;
    of.pending_values -= oldest->values;
    dropped += oldest->values;
  }
  of.at.dropped += dropped;
  settle(of);
  return dropped;
}

std::vector<std::uint64_t> reader_ledger::take_unneeded(std::int64_t before_ms, std::size_t limit,
                                                        std::int64_t after_ms) {
  const auto is_over = [&](const record_info& record) {
    return record.received_ms < before_ms || record.received_ms > after_ms;
  };
  std::vector<std::uint64_t> found;
  for (auto it = records_.begin();
       it != records_.end() && found.size() < limit && is_over(it->second);) {
    const auto id = it->first;
    const auto needing = std::find_if(readers_.begin(), readers_.end(),
                                      [id](const auto& r) { return needs(r.second, id); });
    if (needing != readers_.end()) {
      const auto& at = needing->second.at;
      if (at.skip_through <= id) {
        break; // it needs everything from here on
      }
      it = records_.upper_bound(at.skip_after);
      continue;
    }
    found.push_back(id);
    bytes_ -= it->second.bytes;
    it = records_.erase(it);
  }
  return found;
}

} // namespace xprober::storage
