#define CAF_SUITE incident_file

#include "xprober/storage/incident_file.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <random>
#include <set>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storage/damaged_file.hpp"
#include "storage/folder.hpp"
#include "storage/incident_samples.hpp"
#include "xprober/base/log.hpp"

#include "caf/test/dsl.hpp"

namespace incident_file_suite {

using namespace xprober;
using namespace xprober::storage;
using namespace std::chrono_literals;
using test::closing;
using test::opening;

namespace {

constexpr auto noon = test::incident_noon;
const std::vector<std::string> receivers{"a", "b"};

struct fixture {
  fixture() {
    log::set_level(log::level::off);
    open();
    subject->set_receivers(receivers);
  }

  test::folder folder;
  std::optional<incident_file> subject;

  void open() {
    subject.reset();
    subject.emplace(folder.path(), noon);
  }
  std::string path() const { return folder.file("incidents.db"); }

  void write(std::vector<incident_change> changes) { subject->write(changes, noon); }

  /// "opened 1", in order.
  std::vector<std::string> due(std::string_view receiver) {
    std::vector<std::string> texts;
    for (const auto& notice : subject->due(receiver, 100)) {
      texts.push_back(std::string{to_string(notice.notice)} + " " + std::to_string(notice.what.id));
    }
    return texts;
  }

  std::vector<std::uint64_t> ids(const incident_query& wanted) {
    std::vector<std::uint64_t> found;
    for (const auto& what : subject->list(wanted).incidents) {
      found.push_back(what.id);
    }
    return found;
  }

  void damage() {
    subject.reset();
    test::damage_pages(path(), test::page_kind::table_leaf, 1);
  }
};

using texts = std::vector<std::string>;
using id_list = std::vector<std::uint64_t>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(incident_file_tests, fixture)

CAF_TEST(incidents and their numbers are there after a restart) {
  write({opening(1), closing(2, noon)});
  open();
  CAF_CHECK(!subject->has_replaced());
  CAF_CHECK_EQUAL(subject->last_id(), 2u);
  const auto found = subject->find(1);
  CAF_REQUIRE(found);
  CAF_CHECK(*found == opening(1).now);
  CAF_CHECK(!subject->find(3));
  CAF_CHECK_EQUAL(subject->unsettled(noon + 1h).size(), 2u);
  CAF_CHECK_EQUAL(subject->unsettled(noon + 2h).size(), 1u);
}

CAF_TEST(every receiver is told in order and each for itself) {
  write({opening(1), opening(2)});
  write({closing(1, noon)});
  CAF_CHECK_EQUAL(due("a"), (texts{"opened 1", "opened 2", "closed 1"}));
  const auto first = subject->due("a", 1);
  CAF_REQUIRE_EQUAL(first.size(), 1u);
  CAF_CHECK(first[0].at == noon);
  subject->told("a", first[0].sequence);
  open();
  CAF_CHECK_EQUAL(due("a"), (texts{"opened 2", "closed 1"}));
  CAF_CHECK_EQUAL(due("b"), (texts{"opened 1", "opened 2", "closed 1"}));
  CAF_CHECK_EQUAL(due("nobody"), texts{});
  CAF_CHECK_EQUAL(subject->queued(), 3u);
  subject->told("b", first[0].sequence);
  CAF_CHECK_EQUAL(subject->queued(), 2u);
}

CAF_TEST(what was told goes out of the queue and its number is not used again) {
  write({opening(1)});
  const auto first = subject->due("a", 1).at(0).sequence;
  subject->told("a", first);
  subject->told("b", first);
  CAF_CHECK_EQUAL(subject->queued(), 0u);
  open();
  write({closing(1, noon)});
  CAF_CHECK(subject->due("a", 1).at(0).sequence > first);
  subject->told("a", first); // an old one takes nothing back
  subject->told("a", subject->due("a", 1).at(0).sequence);
  subject->told("a", first);
  CAF_CHECK_EQUAL(due("a"), texts{});
}

CAF_TEST(what is written twice is told once) {
  write({opening(1)});
  write({opening(1)});
  auto raised = opening(1);
  raised.tell = incident_notice::escalated;
  write({raised});
  write({raised});
  write({closing(1, noon)});
  subject->told("a", subject->due("a", 9).back().sequence);
  subject->told("b", subject->due("b", 9).back().sequence);
  write({opening(1), closing(1, noon)});
  CAF_CHECK_EQUAL(due("a"), texts{});
  CAF_CHECK_EQUAL(due("b"), texts{});
}

CAF_TEST(a new receiver begins with what comes and one that is gone keeps nothing) {
  write({opening(1)});
  const std::vector<std::string> others{"b", "c"};
  subject->set_receivers(others);
  CAF_CHECK_EQUAL(due("b"), texts{"opened 1"});
  CAF_CHECK_EQUAL(due("c"), texts{});
  write({opening(2)});
  CAF_CHECK_EQUAL(due("c"), texts{"opened 2"});
  subject->set_receivers({});
  CAF_CHECK_EQUAL(subject->queued(), 0u);
  write({opening(3)});
  CAF_CHECK_EQUAL(subject->queued(), 0u);
}

CAF_TEST(a queue that is full loses its oldest and counts them) {
  std::vector<incident_change> many;
  for (std::uint64_t id = 1; id <= incident_file::most_queued + 5; ++id) {
    many.push_back(opening(id));
  }
  write(many);
  CAF_CHECK_EQUAL(subject->queued(), incident_file::most_queued);
  CAF_CHECK_EQUAL(subject->dropped(), 5u);
  CAF_CHECK(due("a").front() == "opened 6");
}

CAF_TEST(incidents are listed by what they are and page by page) {
  write({opening(1), opening(2), closing(3, noon + 1h), closing(4, noon + 2h), opening(5)});
  CAF_CHECK_EQUAL(ids({}), (id_list{5, 4, 3, 2, 1}));
  CAF_CHECK_EQUAL(ids({.open = true}), (id_list{5, 2, 1}));
  CAF_CHECK_EQUAL(ids({.open = false}), (id_list{4, 3}));
  CAF_CHECK_EQUAL(ids({.since = noon + 90min}), (id_list{5, 4, 2, 1}));
  CAF_CHECK_EQUAL(ids({.filter = {.kinds = {incident_kind::path}}}), id_list{});
  CAF_CHECK_EQUAL(ids({.filter = {.kinds = {incident_kind::path, opening(1).now.kind}}}),
                  (id_list{5, 4, 3, 2, 1}));
  CAF_CHECK_EQUAL(
      ids({.filter = {.kinds = {incident_kind::source}, .severities = {incident_severity::info}}}),
      id_list{});
  CAF_CHECK_EQUAL(ids({.filter = {.probe_types = {"no kind"}}}), id_list{});
  CAF_CHECK_EQUAL(ids({.judge = [](const incident& what) { return what.id % 2 == 0; }}),
                  (id_list{4, 2}));
  const auto page = subject->list({.limit = 2});
  CAF_CHECK_EQUAL(page.next, 4u);
  const auto second = subject->list({.before = page.next, .limit = 2});
  CAF_CHECK(second.incidents.front().id == 3u);
  const auto last = subject->list({.before = second.next, .limit = 2});
  CAF_CHECK_EQUAL(last.incidents.size(), 1u);
  CAF_CHECK_EQUAL(last.next, 0u);
}

CAF_TEST(a grave incident is listed before all newer ones that are not) {
  std::vector<incident_change> all;
  for (std::uint64_t id = 1; id <= 9; ++id) {
    all.push_back(opening(id));
    all.back().now.severity = id == 2   ? incident_severity::critical
                              : id == 5 ? incident_severity::info
                                        : incident_severity::warning;
  }
  write(all);
  CAF_CHECK_EQUAL(ids({.worst_first = true}), (id_list{2, 9, 8, 7, 6, 4, 3, 1, 5}));
  CAF_CHECK_EQUAL(ids({.worst_first = true, .limit = 1}), id_list{2});
  const incident_filter lesser{.severities = {incident_severity::info, incident_severity::warning}};
  CAF_CHECK_EQUAL(ids({.filter = lesser, .worst_first = true, .limit = 2}), (id_list{9, 8}));
  for (std::size_t limit = 1; limit <= 9; ++limit) { // pages end anywhere
    id_list paged;
    incident_query wanted{.worst_first = true, .limit = limit};
    for (std::size_t pages = 0; pages <= 9; ++pages) {
      const auto page = subject->list(wanted);
      for (const auto& what : page.incidents) {
        paged.push_back(what.id);
      }
      if (page.next == 0) {
        break;
      }
      CAF_REQUIRE(page.next_from.has_value());
      wanted.before = page.next;
      wanted.from = page.next_from;
    }
    CAF_CHECK_EQUAL(paged, (id_list{2, 9, 8, 7, 6, 4, 3, 1, 5}));
  }
}

CAF_TEST(mutes are kept until they are removed or long over) {
  auto fresh = test::sample_mute();
  const auto first = subject->add(fresh);
  const auto second = subject->add(fresh);
  CAF_CHECK(first != second);
  open();
  const auto all = subject->mutes();
  CAF_REQUIRE_EQUAL(all.size(), 2u);
  fresh.id = first;
  CAF_CHECK(all[0] == fresh);
  CAF_CHECK(subject->remove_mute(first));
  CAF_CHECK(!subject->remove_mute(first));
  subject->prune({.age = 24h}, noon + 24h);
  CAF_CHECK_EQUAL(subject->mutes().size(), 1u);
  subject->prune({.age = 24h}, noon + 26h);
  CAF_CHECK(subject->mutes().empty());
  CAF_CHECK(subject->add(fresh) > second);
}

CAF_TEST(closed incidents go by age and by number and open ones never) {
  write({opening(1), closing(2, noon), closing(3, noon + 1h), closing(4, noon + 2h),
         closing(5, noon + 3h)});
  subject->prune({.age = 24h, .most = 100}, noon + 24h + 30min);
  CAF_CHECK_EQUAL(ids({}), (id_list{5, 4, 3, 1}));
  subject->prune({.age = 24h, .most = 2}, noon);
  CAF_CHECK_EQUAL(ids({}), (id_list{5, 4, 1}));
  subject->prune({.age = 0h, .most = 0}, noon + 1000h);
  CAF_CHECK_EQUAL(ids({}), id_list{1});
  open();
  CAF_CHECK_EQUAL(subject->last_id(), 5u);
}

CAF_TEST(on a full disk nothing happens and the same can be written later) {
  write({opening(1)});
  std::vector<incident_change> many;
  for (std::uint64_t id = 2; id < 500; ++id) {
    many.push_back(opening(id));
  }
  {
    const test::full_disk full{64 * 1024};
    CAF_CHECK(test::refused([&] { write(many); }));
  }
  CAF_CHECK_EQUAL(due("a"), texts{"opened 1"});
  CAF_CHECK_EQUAL(ids({}), id_list{1});
  write(many);
  CAF_CHECK_EQUAL(subject->queued(), 499u);
}

CAF_TEST(a damaged file is set aside and what can be read of it is taken over) {
  std::vector<incident_change> many;
  for (std::uint64_t id = 1; id <= 100; ++id) {
    many.push_back(opening(id));
  }
  write(many);
  subject->add(test::sample_mute());
  const auto name = subject->name();
  damage();
  open();
  CAF_CHECK(subject->has_replaced());
  CAF_CHECK_EQUAL(test::count_files(folder.path(), "incidents.db.damaged-"), 1u);
  CAF_CHECK(subject->name() != name);
  CAF_CHECK(subject->last_id() >= 100u);
  CAF_CHECK(subject->list({}).incidents.size() + subject->due("a", 1000).size() > 0);
}

CAF_TEST(whichever page is damaged incidents can be written) {
  write({opening(1), opening(2)});
  subject->add(test::sample_mute());
  subject.reset();
  constexpr std::streamoff page = 4096;
  const auto pages = static_cast<std::streamoff>(std::filesystem::file_size(path())) / page;
  CAF_REQUIRE(pages > 4);
  for (std::streamoff number = 0; number < pages; ++number) {
    const test::folder copy;
    std::filesystem::copy(path(), copy.file("incidents.db"));
    {
      std::fstream file{copy.file("incidents.db"), std::ios::in | std::ios::out | std::ios::binary};
      file.seekp(number * page + page / 2);
      file.put('x');
    }
    incident_file met{copy.path(), noon};
    met.set_receivers(receivers);
    const incident_change one[] = {opening(met.last_id() + 1)};
    met.write(one, noon);
    CAF_CHECK(!met.due("a", 10).empty());
  }
}

CAF_TEST(a file that is none is set aside and numbers go on far above) {
  write({opening(1)});
  subject.reset();
  std::ofstream{path()} << std::string(8192, 'x');
  open();
  CAF_CHECK(subject->has_replaced());
  CAF_CHECK_EQUAL(subject->last_id(), static_cast<std::uint64_t>(to_unix_seconds(noon)));
  write({opening(subject->last_id() + 1)});
}

CAF_TEST(a log that was cut loses no number) {
  const auto copy = test::folder{};
  write({opening(1)});
  std::filesystem::copy(path(), copy.file("incidents.db"));
  for (std::uint64_t id = 2; id < 50; ++id) {
    write({opening(id)});
  }
  std::filesystem::copy(path() + "-wal", copy.file("incidents.db-wal"));
  test::lose_page_of_log(copy.file("incidents.db"));
  incident_file cut{copy.path(), noon};
  CAF_CHECK(cut.has_replaced());
  CAF_CHECK(cut.last_id() >= 1'000'000u);
}

CAF_TEST(what stood in for a file goes into it and nobody is told anything twice) {
  write({opening(1), opening(2)});
  subject->told("a", subject->due("a", 10).back().sequence);
  subject.reset();
  const auto later = noon + 1min;
  const auto stands_in = incident_file::stand_in(later);
  CAF_CHECK_EQUAL(stands_in->last_id(), static_cast<std::uint64_t>(to_unix_seconds(later)));
  stands_in->set_receivers(receivers);
  const auto third = stands_in->last_id() + 1;
  const incident_change changes[] = {opening(third), opening(third + 1)};
  stands_in->write(changes, later);
  const auto first_told = stands_in->due("a", 10).front().sequence;
  stands_in->told("a", first_told);
  mute quiet;
  quiet.until = later + 1h;
  const auto quiet_id = stands_in->add(quiet);

  open();
  subject->take_over(stands_in->rows());
  CAF_CHECK(due("a") == texts{"opened " + std::to_string(third + 1)});
  CAF_CHECK((due("b") == texts{"opened 1", "opened 2", "opened " + std::to_string(third),
                               "opened " + std::to_string(third + 1)}));
  CAF_CHECK((ids({}) == id_list{third + 1, third, 2, 1}));
  CAF_CHECK_EQUAL(subject->last_id(), third + 1);
  const auto mutes = subject->mutes();
  CAF_REQUIRE_EQUAL(mutes.size(), 1u);
  CAF_CHECK_EQUAL(mutes[0].id, quiet_id);
  write({opening(third + 2)});
  CAF_CHECK(subject->due("a", 10).back().sequence > first_told + 1);
}

CAF_TEST(it keeps when anything was known of groups) {
  const std::vector<std::string> names{"region=a\n", "region=b\n"};
  const auto begin = to_unix_seconds(noon);
  const auto spans = [this](wall_time after) { return subject->known(after); };
  subject->note_known(names, noon);
  subject->note_known(names, noon + 1min);
  open();
  subject->note_known(std::span{names}.first(1), noon + 1min + known_gap);
  subject->note_known(names, noon + 20min);
  const auto second = begin + 20 * 60;
  const std::vector<known_span> expected{{names[0], begin, begin + 360},
                                         {names[0], second, second},
                                         {names[1], begin, begin + 60},
                                         {names[1], second, second}};
  CAF_CHECK(spans({}) == expected);
  CAF_CHECK_EQUAL(spans(noon + 10min).size(), 2u);
  CAF_MESSAGE("what a clock that was set back notes again changes nothing");
  subject->note_known(names, noon + 1min);
  CAF_CHECK(spans({}) == expected);
  CAF_MESSAGE("they go along into another file");
  auto memory = incident_file::stand_in(noon);
  memory->take_over(subject->rows());
  CAF_CHECK(memory->known({}) == expected);
  CAF_MESSAGE("what a clock has noted that was ahead does not keep the truth from being noted");
  memory->note_known(names, noon + 10h);
  memory->note_known(names, noon + 21min);
  memory->note_known(names, noon + 22min);
  const auto noted = memory->known({});
  CAF_REQUIRE_EQUAL(noted.size(), 6u);
  CAF_CHECK((noted[1] == known_span{names[0], second, begin + 22 * 60}));
  CAF_MESSAGE("and are forgotten in time");
  subject->prune({std::chrono::hours{24}, 100}, noon + 24h + 10min);
  CAF_CHECK_EQUAL(spans({}).size(), 2u);
}

CAF_TEST(without a directory it is in memory) {
  incident_file memory{"", noon};
  memory.set_receivers(receivers);
  const incident_change one[] = {opening(1)};
  memory.write(one, noon);
  CAF_CHECK_EQUAL(memory.due("a", 10).size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace incident_file_suite
