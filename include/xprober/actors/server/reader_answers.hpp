#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "xprober/actors/actors.hpp"
#include "xprober/actors/server/reader_desk.hpp"

namespace xprober {

/// Answers the readers of a journal: what one asks for that is not there yet is promised, and comes
/// with the next record. The desk must live as long as this. What the disk refuses is an error of
/// the one request.
class reader_answers {
public:
  /// `changed` is called where the desk's numbers are others.
  reader_answers(reader_desk& desk, std::function<void()> changed)
      : desk_(desk), changed_(std::move(changed)) {}

  // See `reader_desk`.
  caf::result<done_atom> prepare(const journal_readers& wanted);
  void commit();
  void abandon() { desk_.abandon(); }

  caf::result<reader_start> begin(const reader_begin& begin);
  caf::result<journal_page> read(journal_actor::pointer self, const read_request& request);
  caf::result<done_atom> advance(const reader_progress& progress);

  /// Gives to those that wait and can be given something now. Throws as the desk does.
  void serve();

  /// So many wait.
  std::size_t waiting() const noexcept { return waiting_.size(); }

private:
  reader_desk& desk_;
  std::function<void()> changed_;
  std::map<std::string, caf::typed_response_promise<journal_page>> waiting_;
};

} // namespace xprober
