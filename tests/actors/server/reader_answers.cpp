#define CAF_SUITE reader_answers

#include "xprober/actors/server/reader_answers.hpp"

#include <algorithm>

#include "actors/server/journal_fixture.hpp"
#include "xprober/domain/wire/batch_parser.hpp"

namespace reader_answers_suite {

using namespace xprober;
using namespace std::chrono_literals;

CAF_TEST_FIXTURE_SCOPE(reader_answers_tests, journal_fixture)

CAF_TEST(a reader gets what comes in order and goes on there after a restart) {
  push(batch(1, 1, {9})); // before there was a reader
  set_reader(1 << 20);
  push(batch(1, 2, {10, 20}));
  reaper.ask<push_response>(subject,
                            push_request{{{"10.1.1.9", "ping_target_success", "10.0.0.1", "a", "b",
                                           "icmp", to_unix_seconds(wall_clock::now()), 1}}});
  const auto start = reaper.ask<reader_start>(subject, reader_begin{"r"});
  CAF_REQUIRE(start);
  CAF_CHECK_EQUAL(start->place.done, 1U);
  CAF_CHECK_EQUAL(start->last_id, 3U);
  const auto page = reaper.ask<journal_page>(subject, read_request{"r", 1});
  CAF_REQUIRE(page);
  CAF_REQUIRE_EQUAL(page->records.size(), 2U);
  CAF_CHECK_EQUAL(page->records[0].id, 2U);
  CAF_CHECK((page->records[0].kind == record_kind::batch));
  CAF_CHECK((page->records[1].kind == record_kind::values));
  CAF_REQUIRE_EQUAL(counts().readers.size(), 1U);
  CAF_CHECK_EQUAL(counts().readers[0].pending, 7U);
  CAF_CHECK(reaper.ask<done_atom>(subject, reader_progress{"r", {2, 0, 0}, 5, 0, 1}));
  CAF_CHECK_EQUAL(counts().readers[0].pending, 1U);
  restart();
  set_reader(1 << 20);
  CAF_CHECK_EQUAL(counts().readers[0].sent, 5U);
  CAF_CHECK_EQUAL(counts().readers[0].dropped, 1U);
  CAF_CHECK_EQUAL(counts().readers[0].pending, 1U);
  const auto rest = reaper.ask<journal_page>(subject, read_request{"r", 0});
  CAF_REQUIRE(rest);
  CAF_CHECK_EQUAL(rest->records.at(0).id, 3U);
}

CAF_TEST(a record that a reader needs outlives its results) {
  set_reader(1 << 20);
  push(batch(1, 1, {10}));
  reaper.state_of<journal_state>(subject).least_kept = {};
  caf::anon_send(subject, set_result_ttl{});
  std::this_thread::sleep_for(2ms);
  reaper.pass(11s);
  const auto page = reaper.ask<journal_page>(subject, read_request{"r", 0});
  CAF_REQUIRE(page);
  CAF_CHECK_EQUAL(page->records.size(), 1U);
  CAF_CHECK(reaper.ask<done_atom>(subject, reader_progress{"r", {1, 0, 0}, 3, 0, 0}));
  std::this_thread::sleep_for(2ms);
  reaper.pass(server_clock::probation + 11s);
  CAF_CHECK(reaper.state_of<journal_state>(subject).disk->get()->file.records().empty());
}

CAF_TEST(a record that a reader needs outlives a start that knows no readers yet) {
  set_reader(1 << 20);
  push(batch(1, 1, {10}));
  push(batch(1, 2, {10}));
  CAF_CHECK(reaper.ask<done_atom>(subject, reader_progress{"r", {1, 0, 0}, 3, 0, 0, 1}));
  std::this_thread::sleep_for(2ms);
  caf::anon_send_exit(subject, caf::exit_reason::kill);
  reaper.settle();
  subject = open(folder.path(), caf::timespan{0});
  reaper.state_of<journal_state>(subject).least_kept = {};
  reaper.pass(server_clock::probation + 11s);
  CAF_CHECK_EQUAL(reaper.state_of<journal_state>(subject).disk->get()->file.records().size(), 1U);
  set_reader(1 << 20);
  CAF_CHECK_EQUAL(counts().readers[0].pending, 3U);
  const auto page = reaper.ask<journal_page>(subject, read_request{"r", 0});
  CAF_REQUIRE(page);
  CAF_CHECK_EQUAL(page->records.at(0).id, 2U);
}

CAF_TEST(progress that is told twice counts once) {
  set_reader(1 << 20);
  push(batch(1, 1, {10}));
  const reader_progress progress{"r", {1, 0, 0}, 3, 0, 0, 1};
  CAF_CHECK(reaper.ask<done_atom>(subject, progress));
  CAF_CHECK(reaper.ask<done_atom>(subject, progress));
  CAF_CHECK_EQUAL(counts().readers[0].sent, 3U);
  CAF_MESSAGE("a reader that begins again numbers from the beginning");
  CAF_CHECK(reaper.ask<reader_start>(subject, reader_begin{"r"}));
  CAF_CHECK(reaper.ask<done_atom>(subject, progress));
  CAF_CHECK_EQUAL(counts().readers[0].sent, 6U);
}

CAF_TEST(a reader that has lost what it read begins with the oldest record) {
  set_reader(1 << 20);
  push(batch(1, 1, {10, 20}));
  push(batch(1, 2, {10}));
  CAF_CHECK(reaper.ask<done_atom>(subject, reader_progress{"r", {2, 0, 0}, 9, 0, 0, 1}));
  const auto start = reaper.ask<reader_start>(subject, reader_begin{"r", true});
  CAF_REQUIRE(start);
  CAF_CHECK_EQUAL(start->place.done, 0U);
  CAF_CHECK_EQUAL(counts().readers[0].pending, 9U);
  CAF_CHECK_EQUAL(counts().readers[0].sent, 9U);
  const auto page = reaper.ask<journal_page>(subject, read_request{"r", 0});
  CAF_REQUIRE(page);
  CAF_CHECK_EQUAL(page->records.size(), 2U);
}

CAF_TEST(readers get what the store takes and nothing else) {
  set_reader(1 << 20);
  const auto now = to_unix_seconds(wall_clock::now());
  reaper.ask<push_response>(
      subject,
      push_request{{{"10.1.1.9", "node_load1", "10.0.0.1", "a", "b", "icmp", now, 1},
                    {"10.1.1.9", "ping_target_success", "10.0.0.1", "a", "b", "icmp", now, 1},
                    {"10.1.1.9", "ping_target_success", "", "a", "b", "icmp", now, 1}}});
  CAF_CHECK_EQUAL(counts().readers[0].pending, 1U);
  const auto page = reaper.ask<journal_page>(subject, read_request{"r", 0});
  CAF_REQUIRE(page);
  std::vector<wire_value> values_read;
  CAF_CHECK_EQUAL(decode_values(*page->records.at(0).bytes, values_read), "");
  CAF_REQUIRE_EQUAL(values_read.size(), 1U);
  CAF_CHECK_EQUAL(values_read[0].metric_name, "ping_target_success");
}

CAF_TEST(a reader that asks too early is answered when something comes) {
  set_reader(1 << 20);
  CAF_CHECK(!reaper.ask<journal_page>(subject, read_request{"r", 0}));
  CAF_CHECK_EQUAL(reaper.state_of<journal_state>(subject).disk->get()->readers.waiting(), 1U);
  push(batch(1, 1, {10}));
  CAF_CHECK_EQUAL(reaper.state_of<journal_state>(subject).disk->get()->readers.waiting(), 0U);
  CAF_CHECK(!reaper.ask<journal_page>(subject, read_request{"nobody", 0}));
}

CAF_TEST(above a limit the oldest values are dropped for the reader alone) {
  set_reader(300);
  for (std::uint64_t i = 1; i <= 20; ++i) {
    push(batch(1, i, {static_cast<float>(i)}));
  }
  const auto& line = counts().readers[0];
  CAF_CHECK(line.dropped > 0);
  CAF_CHECK_EQUAL(line.dropped + line.pending, 60U);
  CAF_CHECK(line.pending_bytes <= 300);
  CAF_CHECK_EQUAL(view()->targets.size(), 1U);
}

CAF_TEST(readers that are prepared change nothing until they are committed) {
  set_reader(1 << 20);
  push(batch(1, 1, {10}));
  CAF_CHECK(reaper.ask<done_atom>(subject, prepare_atom_v, journal_readers{{{"other", 1 << 20}}}));
  push(batch(1, 2, {20}));
  CAF_REQUIRE_EQUAL(counts().readers.size(), 1U);
  CAF_CHECK_EQUAL(counts().readers[0].name, "r");
  CAF_CHECK_EQUAL(counts().readers[0].pending, 6U);
  CAF_CHECK(!reaper.ask<reader_start>(subject, reader_begin{"other"}));
  CAF_MESSAGE("a new reader begins where it was prepared");
  CAF_CHECK(reaper.ask<done_atom>(subject, commit_atom_v));
  CAF_REQUIRE_EQUAL(counts().readers.size(), 1U);
  CAF_CHECK_EQUAL(counts().readers[0].name, "other");
  CAF_CHECK_EQUAL(counts().readers[0].pending, 3U);
  CAF_CHECK(!reaper.ask<reader_start>(subject, reader_begin{"r"}));
}

CAF_TEST(readers that are abandoned were never there) {
  set_reader(1 << 20);
  CAF_CHECK(reaper.ask<done_atom>(subject, prepare_atom_v, journal_readers{{{"other", 1 << 20}}}));
  caf::anon_send(subject, abandon_atom_v);
  CAF_CHECK(reaper.ask<done_atom>(subject, commit_atom_v));
  CAF_REQUIRE_EQUAL(counts().readers.size(), 1U);
  CAF_CHECK_EQUAL(counts().readers[0].name, "r");
  restart();
  push(batch(1, 1, {10}));
  CAF_REQUIRE_EQUAL(counts().readers.size(), 1U);
  CAF_CHECK_EQUAL(counts().readers[0].name, "r");
}

CAF_TEST(a full disk refuses new readers and leaves those that there are) {
  set_reader(1 << 20);
  push(batch(1, 1, {10}));
  {
    const test::full_disk full{1};
    const auto refused = reaper.ask<done_atom>(
        subject, prepare_atom_v, journal_readers{{{"other", 1 << 20}, {"third", 1 << 20}}});
    CAF_REQUIRE(!refused);
    CAF_MESSAGE("no room is needed to let go of one, nor for another limit");
    CAF_CHECK(reaper.ask<done_atom>(subject, prepare_atom_v, journal_readers{{{"r", 1 << 21}}}));
    CAF_CHECK(reaper.ask<done_atom>(subject, commit_atom_v));
  }
  push(batch(1, 2, {20}));
  CAF_REQUIRE_EQUAL(counts().readers.size(), 1U);
  CAF_CHECK_EQUAL(counts().readers[0].name, "r");
  CAF_CHECK_EQUAL(counts().readers[0].pending, 6U);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace reader_answers_suite
