#include "xprober/actors/server/journal_disk.hpp"

#include <utility>

#include "xprober/base/log.hpp"

namespace xprober {

journal_disk::journal_disk(std::string directory, journal_clocks& clocks, hooks with)
    : clocks_(clocks), hooks_(std::move(with)),
      shelf_(std::move(directory), [this] { hooks_.changed(); }) {}

void journal_disk::begin() {
  if (get() != nullptr) {
    set_most(most_bytes_);
    hooks_.opened();
  }
  hooks_.changed();
  arm_retry();
}

// -- while the disk does not work -----------------------------------------------------------------

void journal_disk::met(const storage::database_error& error) {
  shelf_.met(error, hooks_.now());
  hooks_.changed();
  arm_retry();
}

void journal_disk::arm_retry() {
  if (!shelf_.problem().empty() && !std::exchange(retry_armed_, true)) {
    hooks_.retry_after(journal_shelf::retry_interval);
  }
}

void journal_disk::retry() {
  retry_armed_ = false;
  if (shelf_.retry(hooks_.now())) {
    set_most(most_bytes_);
    hooks_.opened();
  }
  hooks_.changed();
  arm_retry();
}

// -- room -----------------------------------------------------------------------------------------

const std::string& journal_disk::problem() const noexcept {
  if (!shelf_.problem().empty()) {
    return shelf_.problem();
  }
  return strained_.empty() ? full_ : strained_;
}

void journal_disk::set_most(std::uint64_t bytes) {
  most_bytes_ = bytes;
  if (auto* open = get()) {
    open->desk.set_most(bytes / 2);
  }
}

void journal_disk::set_strain(const memory_strain& now) {
  strained_ = now.is_short ? "this server is short of memory (limits.memory)" : "";
  hooks_.changed();
}

bool journal_disk::make_room(std::uint64_t bytes) {
  constexpr int steps = 20; // records that one call drops, times 200
  auto& open = *get();
  const auto fits = [&] { return open.desk.bytes() + bytes <= most_bytes_; };
  for (int i = 0; i < steps && !fits() && clocks_.is_proven(); ++i) {
    open.desk.enforce_limits();
    const auto now = hooks_.now();
    if (!open.pruning.step(clocks_.read(now), now, ttl_).more) {
      break;
    }
  }
  if (fits()) {
    full_.clear();
  } else if (full_.empty()) {
    full_ = "the journal has reached limits.journal_bytes, and what it holds is too fresh to be "
            "dropped";
    log::error("journal", "batches are refused; their agents keep them", {{"error", full_}});
  }
  return full_.empty();
}

void journal_disk::look_for_room() {
  const auto* open = get();
  if (!full_.empty() && open != nullptr && open->desk.bytes() <= most_bytes_ - most_bytes_ / 10) {
    full_.clear();
    log::info("journal", "there is room for batches again");
    hooks_.changed();
  }
}

// -- records --------------------------------------------------------------------------------------

storage::journal::added journal_disk::keep(const batch_header& header, std::string_view bytes,
                                           const storage::verdict& answer, wall_time now,
                                           std::uint64_t values, std::int64_t skew_ms) {
  const auto added = shelf_.to_write().file.add(header, bytes, answer, now, values, skew_ms);
  shelf_.worked(hooks_.now());
  return added;
}

void journal_disk::note(std::uint64_t id, std::uint64_t bytes, std::uint64_t values) {
  auto& open = *get();
  open.desk.add(id, clocks_.read(hooks_.now()), bytes, values);
  try {
    open.readers.serve();
    open.desk.enforce_limits();
  } catch (const storage::database_error& error) {
    // The record is kept: that comes first, and the next one tries again.
    log::debug("journal", "readers wait", {{"error", error.what()}});
    met(error);
  }
}

bool journal_disk::keep(record_kind kind, const std::string& bytes, std::uint64_t values) {
  if (get() == nullptr) {
    return false;
  }
  try {
    if (!make_room(bytes.size())) {
      return false;
    }
    const auto id = shelf_.to_write().file.add(kind, bytes, clocks_.read(hooks_.now()), values);
    shelf_.worked(hooks_.now());
    note(id, bytes.size(), values);
    return true;
  } catch (const storage::database_error& error) {
    met(error);
    return false;
  }
}

void journal_disk::describe(journal_stats& counts) {
  if (auto* open = get()) {
    counts.bytes = open->desk.bytes();
    if (open->desk.has_readers()) {
      open->desk.lose(std::exchange(lost_values_, 0));
    }
    counts.readers = open->desk.stats();
  }
  counts.on_disk = !shelf_.in_memory();
  counts.set_aside = shelf_.set_aside();
  counts.problem = problem();
}

} // namespace xprober
