#include "xprober/storage/spool.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "xprober/base/log.hpp"
#include "xprober/base/prefetch.hpp"
#include "xprober/storage/set_aside.hpp"

namespace xprober::storage {

namespace {

constexpr std::chrono::seconds reopen_interval{5};
/// A file that could be read in a second attempt and is damaged again within this time is given up.
constexpr std::chrono::minutes look_interval{1};

} // namespace

spool::spool(spool_options options) : options_(std::move(options)) {
  open(monotonic_clock::now());
  memory_ = std::make_unique<spool_file>(database::in_memory, options_.identity);
}

std::string spool::path() const {
  return (std::filesystem::path{options_.directory} / "spool.db").string();
}

void spool::open(monotonic_time now) {
  if (options_.directory.empty() || disk_ || now < next_open_) {
    return;
  }
  next_open_ = now + reopen_interval;
  if (!open_disk()) {
    return;
  }
  const auto found = disk_->size();
  acked_through_ = 0;
  last_id_ = std::max(last_id_, disk_->last_id());
  counts_.restored += found.results;
  if (found.results > 0) {
    waiting_.note(last_id_, to_unix_seconds(wall_clock::now())); // at least since now
    log::info("spool", "results of the time before the start are pushed first",
              {{"results", found.results}, {"batches", found.batches}});
  }
  disk_works();
}

bool spool::open_disk() {
  try {
    std::error_code ignored; // the database says what is wrong with the directory
    std::filesystem::create_directories(options_.directory, ignored);
    open_file();
  } catch (const database_error& error) {
    if (error.damaged()) {
      replace_damaged(error);
    } else {
      disk_failed(error);
    }
  }
  return disk_ != nullptr;
}

void spool::open_file() {
  disk_ = std::make_unique<spool_file>(path(), options_.identity);
  counts_.set_aside += disk_->log_cut() ? 1 : 0;
}

/// What is in the file is lost with it.
void spool::let_go() {
  counts_.dropped += disk_->size().results - undeleted_.results;
  undeleted_ = {};
  disk_.reset();
  next_open_ = {};
}

/// What a disk shows for a moment only is not damage.
bool spool::can_be_read_now(const database_error& error) {
  const auto now = monotonic_clock::now();
  if (!error.may_pass() || now < next_look_ || !spool_file::is_whole(path())) {
    return false;
  }
  next_look_ = now + look_interval;
  return true;
}

void spool::replace_damaged(const database_error& met) {
  log::error("spool", "the spool is damaged", {{"error", met.what()}});
  const bool in_use = disk_ != nullptr;
  const auto held = in_use ? disk_->size().results - undeleted_.results : 0;
  bool same = false; // with all that was in it
  disk_.reset();
  try {
    if (can_be_read_now(met)) {
      open_file();
      log::warn("spool", "the spool could be read in a second attempt and is used on");
      same = in_use && !disk_->log_cut();
      counts_.restored += in_use && !same ? disk_->size().results : 0;
    } else {
      const auto name = set_aside(path());
      ++counts_.set_aside;
      open_file();
      log::error("spool", "the damaged spool was set aside, a new one was begun",
                 {{"set_aside", name}});
    }
    disk_works();
  } catch (const database_error& error) {
    disk_failed(error);
  }
  if (!same) {
    counts_.dropped += held;
    acked_through_ = 0;
    undeleted_ = {};
  }
}

void spool::disk_failed(const database_error& error) {
  if (error.damaged() && disk_) {
    replace_damaged(error);
    return;
  }
  if (error.gone() && disk_) {
    log::error("spool", "the spool was removed, a new one is begun", {{"error", error.what()}});
    let_go();
  }
  problem_ = error.what();
  if (!std::exchange(failing_, true)) {
    log::error("spool",
               error.in_use()
                   ? "the spool is in use by another process: give each agent a state_dir of its "
                     "own; batches are kept in memory"
                   : "the spool cannot be written to; batches are kept in memory until it can",
               {{"error", error.what()}});
  }
}

void spool::disk_works() {
  problem_.clear();
  if (std::exchange(failing_, false)) {
    log::info("spool", "batches are kept on disk again");
  }
}

std::uint64_t spool::next_id() const { return last_id_ + 1; }

/// How far the wall clock is from what it is believed to be.
wall_clock::duration spool::watch_clock() {
  const auto steps = clock_.steps();
  const auto off = clock_.watch(wall_clock::now(), since_boot());
  if (clock_.steps() != steps) {
    log::warn("spool", "this machine's clock was set");
  }
  return off;
}

void spool::append(const std::vector<probe_result_ptr>& results, monotonic_time now) {
  open(now);
  const auto off = watch_clock();
  const auto wall = wall_clock::now() - off;
  bool disk_usable = disk_ && move_to_disk();
  batch_encoder encoder{options_.identity};
  constexpr std::size_t far = 8;
  constexpr std::size_t near = 4;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (i + far < results.size()) {
      prefetch(results[i + far].get());
      prefetch(results[i + near]->target.get());
    }
    encoder.add(*results[i], clock_.correction(results[i]->outcome.started, wall));
    if (i + 1 < results.size() && !encoder.full()) {
      continue;
    }
    spooled_batch batch;
    batch.results = encoder.rows();
    batch.bytes = encoder.finish({}, 1, to_unix_ms(wall_clock::now()));
    disk_usable = disk_usable && put_on_disk(batch);
    if (!disk_usable) {
      put_in_memory(batch);
    }
    waiting_.note(batch.id, to_unix_seconds(wall));
  }
  enforce_limits();
}

bool spool::put_on_disk(spooled_batch& batch) {
  batch.id = next_id();
  batch.sequence = disk_->last_sequence() + 1;
  number_batch(batch.bytes, disk_->instance(), batch.sequence);
  try {
    disk_->add(batch);
    last_id_ = batch.id;
    disk_works();
    return true;
  } catch (const database_error& error) {
    disk_failed(error);
    return false;
  }
}

void spool::put_in_memory(spooled_batch& batch) {
  batch.id = next_id();
  batch.sequence = memory_->last_sequence() + 1;
  number_batch(batch.bytes, memory_->instance(), batch.sequence);
  try {
    memory_->add(batch);
    last_id_ = batch.id;
  } catch (const database_error& error) {
    counts_.dropped += batch.results;
    log::error("spool", "no memory for a batch: it is dropped",
               {{"results", batch.results}, {"error", error.what()}});
  }
}

bool spool::move_to_disk() {
  try {
    if (undeleted_.batches > 0) {
      disk_->remove_through(acked_through_);
      undeleted_ = {};
    }
    for (auto batch = memory_->oldest(0); batch; batch = memory_->oldest(0)) {
      const auto id = std::exchange(batch->id, next_id());
      disk_->adopt(*batch);
      last_id_ = batch->id;
      waiting_.note(last_id_, waiting_.since(id));
      in_flight_now_ = in_flight_now_ == id ? last_id_ : in_flight_now_;
      memory_->remove(id, spool_file::why::moved);
    }
    return true;
  } catch (const database_error& error) {
    disk_failed(error);
    return false;
  }
}

spooled_batch spool::oldest(wall_time now) {
  while (true) {
    std::optional<spooled_batch> found;
    try {
      // What is in memory is always newer: it moves before anything new goes to the disk.
      found = disk_ ? disk_->oldest(acked_through_) : std::nullopt;
    } catch (const database_error& error) {
      disk_failed(error);
      if (error.damaged() && disk_) {
        continue;
      }
    }
    if (!found) {
      found = memory_->oldest(0);
    }
    if (!found) {
      return {};
    }
    in_flight_ = in_flight_now_ = found->id;
    batch_header header;
    if (const auto problem = read_batch_header(found->bytes, header); !problem.empty()) {
      log::error("spool", "a batch is damaged and dropped",
                 {{"results", found->results}, {"error", problem}});
      in_flight_ = in_flight_now_ = 0;
      if (!drop_oldest(false)) {
        return {};
      }
      continue;
    }
    stamp_batch(found->bytes, to_unix_ms(now - watch_clock()));
    return std::move(*found);
  }
}

void spool::begin_instance() {
  if (disk_) {
    disk_->begin_instance();
  }
  memory_->begin_instance();
}

void spool::acknowledge(std::uint64_t given) {
  if (given == 0 || given != in_flight_) {
    return;
  }
  in_flight_ = 0;
  const auto id = std::exchange(in_flight_now_, 0);
  waiting_.forget_through(id);
  const auto before = size().results;
  if (memory_->remove(id, spool_file::why::acknowledged)) {
    counts_.acked += before - size().results;
    return;
  }
  if (!disk_) {
    return;
  }
  try {
    const auto head = disk_->oldest_head(acked_through_);
    if (!head || head->id != id) {
      return;
    }
    counts_.acked += head->results;
    acked_through_ = id;
    ++undeleted_.batches;
    undeleted_.bytes += head->length;
    undeleted_.results += head->results;
    disk_->remove_through(id);
    undeleted_ = {};
  } catch (const database_error& error) {
    // A full disk: it goes with the next one. `acked_through_` keeps it from being pushed again.
    disk_failed(error);
  }
}

void spool::enforce_limits() {
  while (memory_->size().results > options_.max_memory_results && drop_oldest(true)) {
  }
  while (size().bytes > options_.max_bytes && drop_oldest(false)) {
  }
}

bool spool::drop_oldest(bool from_memory_only) {
  try {
    // The one in flight may have been taken over already: it stays, and the next one goes.
    const auto after = std::max(acked_through_, in_flight_now_);
    auto* file = disk_.get();
    auto head = from_memory_only || !disk_ ? std::nullopt : disk_->oldest_head(after);
    if (!head) {
      file = memory_.get();
      head = memory_->oldest_head(in_flight_now_);
    }
    if (!head) {
      return false;
    }
    file->remove(head->id, spool_file::why::dropped);
    waiting_.forget_through(head->id);
    counts_.dropped += head->results;
    if (!std::exchange(full_, true)) {
      log::error("spool",
                 "the limit is met: the oldest batches are dropped until a server takes them",
                 {{"limit_bytes", options_.max_bytes},
                  {"limit_results_in_memory", options_.max_memory_results}});
    }
    return true;
  } catch (const database_error& error) {
    disk_failed(error);
    return false;
  }
}

spool_size spool::size() const {
  auto all = memory_->size();
  if (disk_) {
    all.batches += disk_->size().batches - undeleted_.batches;
    all.bytes += disk_->size().bytes - undeleted_.bytes;
    all.results += disk_->size().results - undeleted_.results;
  }
  return all;
}

spool_size spool::in_memory() const { return memory_->size(); }

bool spool::keep_list(const std::string& bytes) {
  if (!disk_) {
    return false;
  }
  try {
    disk_->keep_list(bytes);
    return true;
  } catch (const database_error& error) {
    disk_failed(error);
    return false;
  }
}

bool spool::keep_change(const std::string& bytes) {
  if (!disk_) {
    return false;
  }
  try {
    disk_->keep_change(bytes);
    return true;
  } catch (const database_error& error) {
    disk_failed(error);
    return false;
  }
}

std::vector<std::string> spool::kept_changes() {
  try {
    return disk_ ? disk_->kept_changes() : std::vector<std::string>{};
  } catch (const database_error& error) {
    disk_failed(error);
    return {};
  }
}

std::string spool::kept_list() {
  try {
    return disk_ ? disk_->kept_list() : std::string{};
  } catch (const database_error& error) {
    disk_failed(error);
    return {};
  }
}

} // namespace xprober::storage
