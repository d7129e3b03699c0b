#include "xprober/actors/server/journal_shelf.hpp"

#include <utility>
#include <vector>

#include "xprober/base/log.hpp"
#include "xprober/storage/set_aside.hpp"

namespace xprober {

namespace {

/// A disk on which a few bytes have room may still refuse batches: only after so long without a
/// refusal they are believed. No more often are lines of it logged.
constexpr std::chrono::seconds quiet_time{10};
/// A batch that is taken is believed after this time: a small one may have room between large ones.
constexpr std::chrono::seconds believed_after{1};
/// A file that could be read in a second attempt and is damaged again within this time is given up.
constexpr std::chrono::minutes disk_look_interval{1};

} // namespace

journal_shelf::journal_shelf(std::string directory, std::function<void()> changed)
    : directory_(std::move(directory)), changed_(std::move(changed)) {
  if (open({})) {
    write_something({});
  }
}

/// Damage that is found while it is opened is one way to a new file.
bool journal_shelf::open(monotonic_time now) {
  for (int attempt = 0; attempt < 2 && !usable_; ++attempt) {
    try {
      open_ = std::make_unique<open_journal>(directory_, changed_, opened_before_);
      set_aside_ += open_->file.log_cut() ? 1 : 0;
      tell_known();
      usable_ = opened_before_ = true;
      problem_.clear();
      told_ = false;
    } catch (const storage::database_error& error) {
      failed(error, now);
      if (!error.damaged()) {
        let_go();
        break;
      }
      if (!replace(error, now)) {
        break;
      }
    }
  }
  return usable_;
}

/// What was taken over before is known when it comes again. Until that is in the file nothing is
/// taken.
void journal_shelf::tell_known() {
  if (known_.empty()) {
    return;
  }
  std::vector<storage::known_instance> all;
  all.reserve(known_.size());
  for (const auto& [name, instance] : known_) {
    all.push_back(instance);
  }
  open_->file.add(all);
  known_.clear();
}

void journal_shelf::remember(const std::vector<storage::known_instance>& instances) {
  for (const auto& instance : instances) {
    auto& known = known_[instance.name];
    if (instance.last_sequence >= known.last_sequence) {
      known = instance;
    }
  }
}

void journal_shelf::let_go() {
  if (open_) {
    remember(open_->file.instances());
    open_->readers.end();
    open_.reset();
  }
  prepared_in_file_ = false;
}

/// What a disk shows for a moment only is not damage.
bool journal_shelf::can_be_read_now(const storage::database_error& error, monotonic_time now) {
  if (!error.may_pass() || (looked_ && now - *looked_ < disk_look_interval) ||
      !storage::journal::is_whole(storage::journal::path_in(directory_))) {
    return false;
  }
  looked_ = now;
  return true;
}

/// Makes room for another file: moves the damaged one out of the way, but where it can be read in a
/// second attempt. False: it cannot be moved.
bool journal_shelf::replace(const storage::database_error& met, monotonic_time now) {
  const auto path = storage::journal::path_in(directory_);
  if (open_) {
    let_go();
  } else {
    remember(storage::journal::instances_in(path));
  }
  try {
    if (can_be_read_now(met, now)) {
      log::warn("journal", "the journal could be read in a second attempt and is used on",
                {{"error", met.what()}});
      return true;
    }
    const auto name = storage::set_aside(path);
    ++set_aside_;
    log::error("journal", "the damaged journal was set aside, a new one is begun",
               {{"error", met.what()}, {"set_aside", name}});
    return true;
  } catch (const storage::database_error& error) {
    failed(error, now);
    return false;
  }
}

void journal_shelf::failed(const storage::database_error& error, monotonic_time now) {
  problem_ = error.what();
  if (!told_ && (!told_at_ || now - *told_at_ >= quiet_time)) {
    told_ = true;
    told_at_ = now;
    log::error("journal", "batches cannot be kept and are refused; their agents keep them",
               {{"error", error.what()}});
  }
}

void journal_shelf::met(const storage::database_error& error, monotonic_time now) {
  failed(error, now);
  last_failure_ = now;
  const bool damaged = error.damaged() && !in_memory();
  if (damaged) {
    damage_ = error;
  }
  if (damaged || error.gone()) {
    usable_ = false;
  }
}

void journal_shelf::worked(monotonic_time now) {
  if (problem_.empty() || !usable_ || now - last_failure_ < believed_after) {
    return;
  }
  problem_.clear();
  if (std::exchange(told_, false)) {
    log::info("journal", "batches are taken again");
  }
}

open_journal& journal_shelf::to_write() {
  if (!readers_open_) {
    open_readers();
  }
  return *open_;
}

bool journal_shelf::write_something(monotonic_time now) {
  try {
    to_write().file.check_writable();
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
    if (const auto damage = std::exchange(damage_, std::nullopt)) {
      replace(*damage, now);
    } else {
      let_go();
    }
    if (!open(now)) {
      return false;
    }
    log::info("journal", "there is a journal on disk again");
    readers_open_ = false;
    write_something(now);
    return true;
  }
  if (now - last_failure_ >= quiet_time && write_something(now)) {
    worked(now);
  }
  return false;
}

// -- readers --------------------------------------------------------------------------------------

void journal_shelf::prepare(const journal_readers& readers) {
  prepared_ = readers;
  prepared_in_file_ = false;
  auto* open = get();
  if (open == nullptr) {
    return;
  }
  try {
    open->readers.prepare(readers);
    prepared_in_file_ = true;
  } catch (const storage::database_error&) {
    if (is_said_) { // else, at the start, as soon as it can be written down
      prepared_.reset();
    }
    throw;
  }
}

/// What was prepared while there was no file, or in one that has gone since, begins with the next
/// write.
void journal_shelf::commit() {
  const bool in_file = std::exchange(prepared_in_file_, false);
  if (prepared_) {
    wanted_ = std::move(*std::exchange(prepared_, std::nullopt));
    is_said_ = true;
    readers_open_ = in_file;
  }
  if (auto* open = get()) {
    open->readers.commit();
  }
}

void journal_shelf::abandon() {
  prepared_.reset();
  prepared_in_file_ = false;
  if (auto* open = get()) {
    open->readers.abandon();
  }
}

void journal_shelf::open_readers() {
  if (is_said_) {
    prepared_in_file_ = false;
    open_->readers.prepare(wanted_);
    open_->readers.commit();
  }
  readers_open_ = true;
}

} // namespace xprober
