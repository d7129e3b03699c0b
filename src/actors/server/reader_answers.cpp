#include "xprober/actors/server/reader_answers.hpp"

namespace xprober {

namespace {

caf::error no_such_reader() {
  return caf::make_error(caf::sec::invalid_argument, "no such reader, or it has not begun");
}

} // namespace

caf::result<done_atom> reader_answers::prepare(const journal_readers& wanted) {
  desk_.prepare(wanted);
  return done_atom_v;
}

void reader_answers::commit() {
  desk_.commit();
  std::erase_if(waiting_, [this](const auto& item) { return !desk_.knows(item.first); });
  changed_();
}

bool reader_answers::may_read(const std::string& reader) const {
  return desk_.knows(reader) && (!must_begin_ || begun_.contains(reader));
}

caf::result<reader_start> reader_answers::begin(const reader_begin& begin) {
  if (!desk_.knows(begin.reader)) {
    return no_such_reader();
  }
  auto start = desk_.begin(begin);
  begun_.insert(begin.reader);
  changed_();
  return start;
}

caf::result<journal_page> reader_answers::read(journal_actor::pointer self,
                                               const read_request& request) {
  if (!may_read(request.reader)) {
    return no_such_reader();
  }
  waiting_.erase(request.reader);
  if (auto page = desk_.read(request)) {
    return std::move(*page);
  }
  auto promise = self->make_response_promise<journal_page>();
  waiting_.insert_or_assign(request.reader, promise);
  return promise;
}

caf::result<done_atom> reader_answers::advance(const reader_progress& progress) {
  if (!may_read(progress.reader)) {
    return no_such_reader();
  }
  desk_.advance(progress);
  changed_();
  return done_atom_v;
}

void reader_answers::serve() {
  desk_.serve([this](const std::string& reader, journal_page page) {
    waiting_.at(reader).deliver(std::move(page));
    waiting_.erase(reader);
  });
}

void reader_answers::end() {
  for (auto& [reader, promise] : waiting_) {
    promise.deliver(no_such_reader());
  }
  waiting_.clear();
}

} // namespace xprober
