#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "xprober/actors/actors.hpp"
#include "xprober/actors/server/incident_keeper.hpp"
#include "xprober/verdict/incident_book.hpp"

namespace xprober {

/// What the incidents actor answers: to receivers, and to whoever shows incidents or looks after
/// them. What the disk does not give or take is an error, and tried anew (`incident_keeper`).
class incident_answers {
public:
  /// Both outlive it. `write`: brings to the disk what waits in the keeper, and tells of it; false
  /// where that was not possible.
  incident_answers(incident_book& book, incident_keeper& keeper, std::function<bool()> write)
      : book_(book), keeper_(keeper), write_(std::move(write)) {}

  // Receivers.
  /// What one is to be told next; nothing, too, where that cannot be read now.
  notice_list due(const notice_request& request);
  caf::result<done_atom> told(const notices_told& by);

  // Whoever shows them.
  incident_list open_incidents() const;
  caf::result<incident_answer> list(const incident_request& request);
  /// Null for one that is not known.
  caf::result<incident_ptr> find(std::uint64_t id);

  // Whoever looks after them.
  /// Null for one that is not open.
  caf::result<incident_ptr> acknowledge(const acknowledge_incident& request);
  mute_list mutes() const;
  caf::result<mute_added> mute_by(const add_mute& request);
  /// True if there was one of that number.
  caf::result<bool> unmute(std::uint64_t id);

private:
  caf::error failed(const storage::database_error& error);

  incident_book& book_;
  incident_keeper& keeper_;
  std::function<bool()> write_;
};

} // namespace xprober
