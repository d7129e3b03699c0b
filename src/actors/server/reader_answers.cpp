#include "xprober/actors/server/reader_answers.hpp"

namespace xprober {

namespace {

caf::error no_such_reader() {
  return caf::make_error(caf::sec::invalid_argument, "no such reader");
}

caf::error disk_error(const storage::database_error& error) {
  return caf::make_error(caf::sec::runtime_error, error.what());
}

} // namespace

caf::result<done_atom> reader_answers::prepare(const journal_readers& wanted) {
  try {
    desk_.prepare(wanted);
  } catch (const storage::database_error& error) {
    return disk_error(error);
  }
  return done_atom_v;
}

void reader_answers::commit() {
  desk_.commit();
  std::erase_if(waiting_, [this](const auto& item) { return !desk_.knows(item.first); });
  changed_();
}

caf::result<reader_start> reader_answers::begin(const reader_begin& begin) {
  if (!desk_.knows(begin.reader)) {
    return no_such_reader();
  }
  try {
    auto start = desk_.begin(begin);
    changed_();
    return start;
  } catch (const storage::database_error& error) {
    return disk_error(error);
  }
}

caf::result<journal_page> reader_answers::read(journal_actor::pointer self,
                                               const read_request& request) {
  if (!desk_.knows(request.reader)) {
    return no_such_reader();
  }
  waiting_.erase(request.reader);
  try {
    if (auto page = desk_.read(request)) {
      return std::move(*page);
    }
  } catch (const storage::database_error& error) {
    return disk_error(error);
  }
  auto promise = self->make_response_promise<journal_page>();
  waiting_.insert_or_assign(request.reader, promise);
  return promise;
}

caf::result<done_atom> reader_answers::advance(const reader_progress& progress) {
  if (!desk_.knows(progress.reader)) {
    return no_such_reader();
  }
  try {
    desk_.advance(progress);
  } catch (const storage::database_error& error) {
    return disk_error(error);
  }
  changed_();
  return done_atom_v;
}

void reader_answers::serve() {
  desk_.serve([this](const std::string& reader, journal_page page) {
    waiting_.at(reader).deliver(std::move(page));
    waiting_.erase(reader);
  });
}

} // namespace xprober
