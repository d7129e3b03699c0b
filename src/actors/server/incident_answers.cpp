#include <algorithm>
#include <utility>

#include "xprober/actors/server/incidents.hpp"
#include "xprober/base/log.hpp"

// What the incidents actor answers: to receivers, and to whoever shows incidents or looks after
// them.

namespace xprober {

caf::error incidents_state::refused(const std::exception& why) {
  return caf::make_error(caf::sec::runtime_error, std::string{"incidents: "} + why.what());
}

notice_list incidents_state::due(const notice_request& request) {
  try {
    return std::make_shared<const std::vector<storage::queued_notice>>(
        keeper.file().due(request.receiver, request.limit));
  } catch (const storage::database_error& error) {
    log::debug("incidents", "the queue cannot be read now", {{"error", error.what()}});
    keeper.recover(error);
    return std::make_shared<const std::vector<storage::queued_notice>>();
  }
}

caf::result<done_atom> incidents_state::told(const notices_told& by) {
  try {
    keeper.file().told(by.receiver, by.sequence);
    return done_atom_v;
  } catch (const storage::database_error& error) {
    keeper.recover(error);
    return refused(error);
  }
}

/// What is not written yet may have another number after a restart: nobody is told of it.
incident_list incidents_state::open_incidents() const {
  auto all = book.open();
  std::erase_if(all, [this](const incident& one) { return keeper.has_unwritten(one.id); });
  return std::make_shared<const std::vector<incident>>(std::move(all));
}

/// What is open is shown as it is now: the file has it as it was at the last event.
caf::result<incident_answer> incidents_state::list(const incident_request& request) {
  try {
    auto query = request.query;
    query.judge = [&](const incident& stored) { return book.fits(request.query.filter, stored); };
    auto page = keeper.file().list(query);
    if (request.with_known) {
      page.known = keeper.file().known(query.since.value_or(wall_time{}));
    }
    for (auto& one : page.incidents) {
      if (const auto* now = book.find_open(one.id)) {
        one = *now;
      }
    }
    return std::make_shared<const storage::incident_page>(std::move(page));
  } catch (const storage::database_error& error) {
    keeper.recover(error);
    return refused(error);
  }
}

caf::result<incident_ptr> incidents_state::find(std::uint64_t id) {
  if (const auto* now = book.find_open(id)) {
    return std::make_shared<const incident>(*now);
  }
  try {
    auto found = keeper.file().find(id);
    return found ? std::make_shared<const incident>(std::move(*found)) : incident_ptr{};
  } catch (const storage::database_error& error) {
    keeper.recover(error);
    return refused(error);
  }
}

caf::result<incident_ptr> incidents_state::acknowledge(const acknowledge_incident& request) {
  auto change = book.acknowledge(request.id, request.by);
  if (!change) {
    return incident_ptr{};
  }
  auto now = std::make_shared<const incident>(change->now);
  keeper.add(std::move(*change));
  if (!write()) {
    return caf::make_error(caf::sec::runtime_error,
                           "the acknowledgement is not on disk yet: " + keeper.problem());
  }
  return now;
}

caf::result<mute_added> incidents_state::mute_by(const add_mute& request) {
  if (auto problem = mute_problem(request.fresh); !problem.empty()) {
    return caf::make_error(caf::sec::invalid_argument, std::move(problem));
  }
  try {
    const auto id = keeper.file().add(request.fresh);
    keeper.read_mutes();
    return mute_added{id};
  } catch (const storage::database_error& error) {
    keeper.recover(error);
    return refused(error);
  }
}

caf::result<bool> incidents_state::unmute(std::uint64_t id) {
  try {
    const bool there = keeper.file().remove_mute(id);
    keeper.read_mutes();
    return there;
  } catch (const storage::database_error& error) {
    keeper.recover(error);
    return refused(error);
  }
}

} // namespace xprober
