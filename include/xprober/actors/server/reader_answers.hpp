#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "xprober/actors/actors.hpp"
#include "xprober/actors/server/reader_desk.hpp"

namespace xprober {

/// Answers the readers of a journal: what one asks for that is not there yet is promised, and comes
/// with the next record. The desk must live as long as this. What the disk refuses is thrown
/// (`storage::database_error`), and then nothing has happened.
class reader_answers {
public:
  /// `changed` is called where the desk's numbers are others. `must_begin`: readers have read
  /// another file before, so what they ask for first must be where to begin: until then any other
  /// request is refused with `sec::invalid_argument`, as that of a reader that is not known.
  reader_answers(reader_desk& desk, std::function<void()> changed, bool must_begin = false)
      : desk_(desk), changed_(std::move(changed)), must_begin_(must_begin) {}

  // See `reader_desk`.
  caf::result<done_atom> prepare(const journal_readers& wanted);
  void commit();
  void abandon() { desk_.abandon(); }

  caf::result<reader_start> begin(const reader_begin& begin);
  caf::result<journal_page> read(journal_actor::pointer self, const read_request& request);
  caf::result<done_atom> advance(const reader_progress& progress);

  /// Gives to those that wait and can be given something now. Throws as the desk does.
  void serve();

  /// The file is no more: who waits is refused as one that must begin.
  void end();

  /// So many wait.
  std::size_t waiting() const noexcept { return waiting_.size(); }

private:
  bool may_read(const std::string& reader) const;

  reader_desk& desk_;
  std::function<void()> changed_;
  bool must_begin_ = false;
  std::set<std::string> begun_;
  std::map<std::string, caf::typed_response_promise<journal_page>> waiting_;
};

} // namespace xprober
