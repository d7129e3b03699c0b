#include "xprober/actors/server/journal_shelf.hpp"

#include <utility>

#include "xprober/base/log.hpp"

namespace xprober {

namespace {

/// A disk on which a few bytes have room may still refuse batches: only after so long without a
/// refusal they are believed. A batch that is taken is believed at once.
constexpr std::chrono::seconds quiet_time{10};

} // namespace

journal_shelf::journal_shelf(std::string directory, std::function<void()> changed)
    : directory_(std::move(directory)), changed_(std::move(changed)) {
  if (open()) {
    write_something({});
  }
}

/// Damage that is found while it is opened is one way to a new file.
bool journal_shelf::open() {
  for (int attempt = 0; attempt < 2 && !usable_; ++attempt) {
    try {
      open_ = std::make_unique<open_journal>(directory_, changed_, opened_before_);
      set_aside_ += open_->file.has_replaced() ? 1 : 0;
      usable_ = opened_before_ = true;
      problem_.clear();
    } catch (const storage::database_error& error) {
      failed(error);
      if (!error.damaged() || attempt > 0 || !replace()) {
        break;
      }
    }
  }
  return usable_;
}

/// Moves the damaged file out of the way. False: it cannot be moved.
bool journal_shelf::replace() {
  const auto path = storage::journal::path_in(directory_);
  const auto known = open_ ? open_->file.instances() : storage::journal::instances_in(path);
  if (open_) {
    open_->readers.end();
    open_.reset();
  }
  try {
    const auto name = storage::set_aside(path);
    ++set_aside_;
    log::error("journal", "the damaged journal was set aside, a new one was begun",
               {{"error", problem_}, {"set_aside", name}});
    // With them, what was taken over before is known when it comes again.
    storage::journal{directory_}.add(known);
    return true;
  } catch (const storage::database_error& error) {
    failed(error);
    return false;
  }
}

void journal_shelf::failed(const storage::database_error& error) {
  if (problem_.empty()) {
    log::error("journal", "batches cannot be kept and are refused; their agents keep them",
               {{"error", error.what()}});
  }
  problem_ = error.what();
}

void journal_shelf::met(const storage::database_error& error, monotonic_time now) {
  failed(error);
  last_failure_ = now;
  damaged_ = error.damaged() && !in_memory();
  if (damaged_ || error.gone()) {
    usable_ = false;
  }
}

void journal_shelf::worked() {
  if (problem_.empty() || !usable_) {
    return;
  }
  problem_.clear();
  log::info("journal", "batches are taken again");
  if (!readers_open_) {
    write_something(last_failure_);
  }
}

bool journal_shelf::write_something(monotonic_time now) {
  try {
    open_->file.check_writable();
    if (!readers_open_) {
      open_readers();
    }
    return true;
  } catch (const storage::database_error& error) {
    met(error, now);
    return false;
  }
}

bool journal_shelf::retry(monotonic_time now) {
  if (problem_.empty()) {
    return false;
  }
  if (!usable_) {
    if (std::exchange(damaged_, false)) {
      replace();
    } else if (open_) {
      open_->readers.end();
      open_.reset();
    }
    if (!open()) {
      return false;
    }
    log::info("journal", "there is a journal on disk again");
    readers_open_ = false;
    write_something(now);
    return true;
  }
  if (now - last_failure_ >= quiet_time && write_something(now)) {
    worked();
  }
  return false;
}

// -- readers --------------------------------------------------------------------------------------

void journal_shelf::prepare(const journal_readers& readers) {
  prepared_ = readers;
  auto* open = get();
  if (open == nullptr) {
    return;
  }
  try {
    open->readers.prepare(readers);
  } catch (const storage::database_error&) {
    if (wanted_.readers.empty()) {
      readers_open_ = false; // at the start: as soon as it can be written down
    } else {
      prepared_.reset();
    }
    throw;
  }
}

void journal_shelf::commit() {
  if (prepared_) {
    wanted_ = std::move(*std::exchange(prepared_, std::nullopt));
  }
  if (auto* open = get()) {
    open->readers.commit();
  }
}

void journal_shelf::abandon() {
  prepared_.reset();
  if (auto* open = get()) {
    open->readers.abandon();
  }
}

void journal_shelf::open_readers() {
  if (!wanted_.readers.empty()) {
    open_->readers.prepare(wanted_);
    open_->readers.commit();
  }
  readers_open_ = true;
}

} // namespace xprober
