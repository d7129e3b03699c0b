#include "xprober/actors/journal_feed.hpp"

#include <utility>

#include "xprober/base/log.hpp"
#include "xprober/domain/batch_parser.hpp"

namespace xprober {

namespace {

std::int64_t unix_ms(wall_time t) {
  return std::chrono::duration_cast<milliseconds>(t.time_since_epoch()).count();
}

} // namespace

void journal_feed::begin(journal_actor::pointer self, history_actor to, storage::journal& file,
                         agent_clocks& clocks) {
  self_ = self;
  file_ = &file;
  clocks_ = &clocks;
  if (!to) {
    return;
  }
  to_ = std::move(to);
  journal_name name;
  try {
    name = {file.name(), file.last_id()};
  } catch (const storage::database_error& error) {
    log::error("journal", "history gets nothing: the journal cannot be read",
               {{"error", error.what()}});
    to_ = nullptr;
    return;
  }
  self_->request(to_, caf::infinite, std::move(name))
      .then(
          [this](const history_progress& has) {
            sent_ = durable_ = has.durable;
            begun_ = true;
            pump();
          },
          [this](const caf::error& why) { failed(why); });
}

void journal_feed::offer(history_batch batch) {
  if (!to_) {
    return;
  }
  if (begun_ && !behind_ && in_flight_ < most_in_flight) {
    send(std::move(batch));
    return;
  }
  behind_ = true;
  pump();
}

void journal_feed::pump() {
  while (to_ && begun_ && behind_ && in_flight_ < most_in_flight) {
    std::vector<storage::journalled_batch> next;
    try {
      next = file_->read(sent_, wall_time{}, 1);
    } catch (const storage::database_error& error) {
      log::error("journal", "history waits: the journal cannot be read", {{"error", error.what()}});
      return; // the next batch tries again
    }
    if (next.empty()) {
      behind_ = false;
    } else if (!read(next.front())) {
      sent_ = next.front().id;
    }
  }
}

/// Sends a batch of the file; false where it cannot be read, as it could when it came.
bool journal_feed::read(storage::journalled_batch& batch) {
  batch_header header;
  auto body = std::make_shared<std::string>();
  if (!read_batch_header(batch.bytes, header).empty() ||
      !read_batch_body(batch.bytes, *body).empty()) {
    return false;
  }
  const batch_parser names{*body, header.rows};
  const auto received = unix_ms(batch.received);
  const auto skew = clocks_->note(
      header, {std::string{names.source_region()}, std::string{names.worker_name()}}, received);
  send({batch.id, std::move(body), header.rows, received, skew});
  return true;
}

void journal_feed::send(history_batch batch) {
  sent_ = batch.id;
  ++in_flight_;
  self_->request(to_, caf::infinite, std::move(batch))
      .then(
          [this](const history_progress& has) {
            --in_flight_;
            durable_ = has.durable;
            pump();
          },
          [this](const caf::error& why) {
            --in_flight_;
            failed(why);
          });
}

void journal_feed::failed(const caf::error& why) {
  if (std::exchange(to_, nullptr)) {
    log::error("journal", "history ended; it gets what it missed after a restart",
               {{"reason", caf::to_string(why)}});
  }
}

std::uint64_t journal_feed::through() const noexcept {
  return to_ ? durable_ : std::numeric_limits<std::uint64_t>::max();
}

void journal_feed::lost(std::uint64_t batches) {
  if (to_ && batches > 0) {
    self_->send(to_, forget_atom_v, batches);
  }
}

} // namespace xprober
