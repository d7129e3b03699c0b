#include "xprober/actors/server/incident_keeper.hpp"

#include <algorithm>
#include <utility>

#include "xprober/base/log.hpp"

namespace xprober {

namespace {

/// A disk that damages all that is written makes a file that is set aside so often at most.
constexpr std::chrono::minutes damage_rest{1};
/// And one that cannot be opened is tried again so often.
constexpr std::chrono::seconds disk_rest{5};

} // namespace

void incident_keeper::open_file() {
  const auto now = wall_clock::now();
  stands_in_ = false;
  try {
    file_ = std::make_unique<storage::incident_file>(folder_, now);
  } catch (const storage::database_error& error) {
    log::error("incidents", "incidents are in memory alone until the disk takes them",
               {{"error", error.what()}});
    problem_ = error.what();
    file_ = storage::incident_file::stand_in(now);
    stands_in_ = true;
  }
}

void incident_keeper::open(const std::string& folder, monotonic_time now) {
  folder_ = folder;
  tried_ = now;
  open_file();
  book_.restore(file_->unsettled(wall_clock::now()), file_->last_id());
  read_mutes();
}

void incident_keeper::set_receivers(std::vector<std::string> names) {
  receivers_ = std::move(names);
  try {
    file_->set_receivers(receivers_);
  } catch (const storage::database_error& error) {
    log::error("incidents", "the receivers of alerts cannot be kept", {{"error", error.what()}});
    recover(error);
  }
}

bool incident_keeper::write(const std::function<void(incident_change&&)>& written) {
  if (unwritten_.empty()) {
    return true;
  }
  try {
    file_->write(unwritten_.all(), wall_clock::now());
  } catch (const storage::database_error& error) {
    if (problem_ != error.what()) {
      log::error("incidents", "incidents cannot be written; nobody is told of them yet",
                 {{"error", error.what()}});
      problem_ = error.what();
    }
    recover(error);
    return false;
  }
  std::ranges::for_each(unwritten_.take(), [&](auto& change) { written(std::move(change)); });
  if (!stands_in_ && !std::exchange(problem_, {}).empty()) {
    log::info("incidents", "the disk takes incidents again");
  }
  return true;
}

/// What was open before the disk could not be used is open again, beside what was found meanwhile:
/// the book finds out what is the same.
void incident_keeper::return_to_disk(monotonic_time now) {
  if (!stands_in_ || now - tried_ < disk_rest) {
    return;
  }
  tried_ = now;
  try {
    auto on_disk = std::make_unique<storage::incident_file>(folder_, wall_clock::now());
    auto before = on_disk->unsettled(wall_clock::now());
    on_disk->take_over(file_->rows());
    on_disk->set_receivers(receivers_);
    mutes_ = on_disk->mutes();
    const auto last_id = on_disk->last_id(); // from here on nothing fails
    dropped_before_ += file_->dropped();
    file_ = std::move(on_disk);
    std::erase_if(before,
                  [this](const incident& one) { return book_.find_open(one.id) != nullptr; });
    book_.restore(std::move(before), last_id);
  } catch (const storage::database_error& error) {
    problem_ = error.what();
    return;
  }
  stands_in_ = false;
  problem_.clear();
  log::info("incidents", "the disk takes incidents again");
}

void incident_keeper::recover(const storage::database_error& error) {
  const auto now = monotonic_clock::now();
  const bool lately = recovered_ != monotonic_time{} && now - recovered_ < damage_rest;
  if (!(error.damaged() || error.gone()) || lately) {
    return;
  }
  recovered_ = now;
  dropped_before_ += file_->dropped();
  const auto left = error.gone() ? file_->rows() : storage::incident_rows{};
  file_.reset(); // one at a time can have it
  open_file();
  auto waiting = unwritten_.take();
  book_.for_each_open([this](const incident& one) { unwritten_.add({one}); });
  std::ranges::for_each(waiting, [this](auto& change) { unwritten_.add(std::move(change)); });
  try {
    file_->put_back(left);
    file_->set_receivers(receivers_);
    read_mutes();
  } catch (const storage::database_error& again) {
    log::error("incidents", "the new file of incidents cannot be used", {{"error", again.what()}});
  }
}

} // namespace xprober
