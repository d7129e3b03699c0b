#include "xprober/actors/server/incident_answers.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "xprober/base/log.hpp"

namespace xprober {

caf::error incident_answers::failed(const storage::database_error& error) {
  keeper_.recover(error);
  return caf::make_error(caf::sec::runtime_error, std::string{"incidents: "} + error.what());
}

notice_list incident_answers::due(const notice_request& request) {
  try {
    return std::make_shared<const std::vector<storage::queued_notice>>(
        keeper_.file().due(request.receiver, request.limit));
  } catch (const storage::database_error& error) {
    log::debug("incidents", "the queue cannot be read now", {{"error", error.what()}});
    keeper_.recover(error);
    return std::make_shared<const std::vector<storage::queued_notice>>();
  }
}

caf::result<done_atom> incident_answers::told(const notices_told& by) {
  try {
    keeper_.file().told(by.receiver, by.sequence);
    return done_atom_v;
  } catch (const storage::database_error& error) {
    return failed(error);
  }
}

/// What is not written yet may have another number after a restart: nobody is told of it.
incident_list incident_answers::open_incidents() const {
  auto all = book_.open();
  std::erase_if(all, [this](const incident& one) { return keeper_.has_unwritten(one.id); });
  return std::make_shared<const std::vector<incident>>(std::move(all));
}

/// What is open is shown as it is now: the file has it as it was at the last event.
caf::result<incident_answer> incident_answers::list(const incident_request& request) {
  try {
    auto query = request.query;
    query.judge = [&](const incident& stored) { return book_.fits(request.query.filter, stored); };
    auto page = keeper_.file().list(query);
    if (request.with_known) {
      page.known = keeper_.file().known(query.since.value_or(wall_time{}));
    }
    for (auto& one : page.incidents) {
      if (const auto* now = book_.find_open(one.id)) {
        one = *now;
      }
    }
    return std::make_shared<const storage::incident_page>(std::move(page));
  } catch (const storage::database_error& error) {
    return failed(error);
  }
}

caf::result<incident_ptr> incident_answers::find(std::uint64_t id) {
  if (const auto* now = book_.find_open(id)) {
    return std::make_shared<const incident>(*now);
  }
  try {
    auto found = keeper_.file().find(id);
    return found ? std::make_shared<const incident>(std::move(*found)) : incident_ptr{};
  } catch (const storage::database_error& error) {
    return failed(error);
  }
}

caf::result<incident_ptr> incident_answers::acknowledge(const acknowledge_incident& request) {
  auto change = book_.acknowledge(request.id, request.by);
  if (!change) {
    return incident_ptr{};
  }
  auto now = std::make_shared<const incident>(change->now);
  keeper_.add(std::move(*change));
  if (!write_()) {
    return caf::make_error(caf::sec::runtime_error,
                           "the acknowledgement is not on disk yet: " + keeper_.problem());
  }
  return now;
}

mute_list incident_answers::mutes() const {
  return std::make_shared<const std::vector<mute>>(keeper_.mutes());
}

caf::result<mute_added> incident_answers::mute_by(const add_mute& request) {
  if (auto problem = mute_problem(request.fresh); !problem.empty()) {
    return caf::make_error(caf::sec::invalid_argument, std::move(problem));
  }
  try {
    const auto id = keeper_.file().add(request.fresh);
    keeper_.read_mutes();
    return mute_added{id};
  } catch (const storage::database_error& error) {
    return failed(error);
  }
}

caf::result<bool> incident_answers::unmute(std::uint64_t id) {
  try {
    const bool there = keeper_.file().remove_mute(id);
    keeper_.read_mutes();
    return there;
  } catch (const storage::database_error& error) {
    return failed(error);
  }
}

} // namespace xprober
