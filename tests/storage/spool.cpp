#define CAF_SUITE spool

#include "xprober/storage/spool.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <utility>

#include "storage/damaged_file.hpp"
#include "storage/spool_fixture.hpp"

namespace spool_suite {

using namespace xprober;
using namespace xprober::storage;
using namespace std::chrono_literals;

namespace {

using numbers = std::vector<int>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(spool_tests, spool_fixture)

CAF_TEST(batches come out in order and once) {
  for (const auto& directory : {folder.path(), std::string{}}) {
    options.directory = directory;
    next = before_ = 0;
    open();
    CAF_CHECK_EQUAL(oldest().id, 0U);
    append(3);
    append(2);
    CAF_CHECK((subject->size() == spool_size{2, subject->size().bytes, 5}));
    const auto first = oldest();
    CAF_CHECK((latencies(first) == numbers{0, 1, 2}));
    CAF_CHECK_EQUAL(oldest().id, first.id);
    CAF_CHECK_EQUAL(first.sequence, 1U);
    CAF_CHECK_EQUAL(header_of(first).sequence, 1U);
    subject->acknowledge(first.id + 1);
    subject->acknowledge(0);
    CAF_CHECK_EQUAL(oldest().id, first.id);
    subject->acknowledge(first.id);
    CAF_CHECK_EQUAL(oldest().sequence, 2U);
    CAF_CHECK((drain() == numbers{3, 4}));
    CAF_CHECK((subject->size() == spool_size{}));
    check_sum();
  }
}

CAF_TEST(what is on disk is there after a restart and numbers go on) {
  open();
  append(2);
  append(2);
  const auto first = oldest();
  subject->acknowledge(first.id);
  open();
  before_ = next;
  CAF_CHECK_EQUAL(subject->counts().restored, 2U);
  append(1);
  const auto second = oldest();
  CAF_CHECK_EQUAL(second.sequence, 2U);
  CAF_CHECK((header_of(second).instance == header_of(first).instance));
  subject->acknowledge(second.id);
  CAF_CHECK_EQUAL(oldest().sequence, 3U);
  CAF_CHECK((drain() == numbers{4}));
  check_sum();
  CAF_MESSAGE("numbers go on even where nothing is left");
  open();
  append(1);
  CAF_CHECK_EQUAL(oldest().sequence, 4U);
}

CAF_TEST(another address is another instance) {
  open();
  append(1);
  const auto mine = header_of(oldest());
  options.identity.local_ip = "10.1.1.2";
  open();
  CAF_CHECK((header_of(oldest()).instance == mine.instance));
  subject->acknowledge(oldest().id);
  append(1);
  const auto other = header_of(oldest());
  CAF_CHECK((other.instance != mine.instance));
  CAF_CHECK_EQUAL(other.sequence, 1U);
}

CAF_TEST(without a directory each process is an instance of its own) {
  options.directory.clear();
  std::set<agent_instance> seen;
  for (int i = 0; i < 3; ++i) {
    open();
    append(1);
    CAF_CHECK_EQUAL(header_of(oldest()).sequence, 1U);
    seen.insert(header_of(oldest()).instance);
    CAF_CHECK_EQUAL(subject->in_memory().results, 1U);
  }
  CAF_CHECK_EQUAL(seen.size(), 3U);
}

CAF_TEST(past the limit the oldest go and are counted but not the one in flight) {
  open();
  append(10);
  const auto one = subject->size().bytes;
  options.max_bytes = one * 5;
  before_ = next;
  open();
  CAF_CHECK((latencies(oldest()).front() == 0));
  for (int i = 0; i < 20; ++i) {
    append(10);
    CAF_CHECK(subject->size().bytes <= options.max_bytes);
    check_sum();
  }
  CAF_CHECK(subject->counts().dropped >= 150U);
  CAF_CHECK_EQUAL(subject->counts().dropped % 10, 0U);
  const auto rest = drain();
  CAF_CHECK_EQUAL(rest.front(), 0);
  CAF_CHECK_EQUAL(rest.back(), 209);
  CAF_CHECK(rest[10] > 150);
  check_sum();
}

CAF_TEST(the limit of what is in memory) {
  options.directory.clear();
  options.max_memory_results = 25;
  open();
  for (int i = 0; i < 10; ++i) {
    append(10);
  }
  CAF_CHECK_EQUAL(subject->size().results, 20U);
  CAF_CHECK_EQUAL(subject->counts().dropped, 80U);
  const auto rest = drain();
  CAF_CHECK_EQUAL(rest.front(), 80);
}

CAF_TEST(a full disk keeps batches in memory and they go to disk when it can) {
  open();
  append(100);
  const auto on_disk = header_of(oldest());
  {
    const test::full_disk full{1};
    append(50);
    append(50);
    CAF_CHECK_EQUAL(subject->size().results, 200U);
    CAF_CHECK_EQUAL(subject->in_memory().results, 100U);
    CAF_CHECK_EQUAL(oldest().sequence, 1U);
    CAF_MESSAGE("what cannot be deleted is not pushed again");
    subject->acknowledge(oldest().id);
    const auto volatile_batch = oldest();
    CAF_CHECK((latencies(volatile_batch).front() == 100));
    CAF_CHECK((header_of(volatile_batch).instance != on_disk.instance));
    subject->acknowledge(volatile_batch.id);
    CAF_CHECK((latencies(oldest()).front() == 150));
    CAF_CHECK_EQUAL(subject->size().results, 50U);
    check_sum();
  }
  append(10);
  CAF_CHECK_EQUAL(subject->in_memory().results, 0U);
  CAF_CHECK_EQUAL(subject->counts().dropped, 0U);
  subject.reset();
  open();
  before_ = next;
  const auto rest = drain();
  CAF_CHECK_EQUAL(rest.front(), 150);
  CAF_CHECK_EQUAL(rest.back(), 209);
  CAF_CHECK_EQUAL(rest.size(), 60U);
  check_sum();
}

CAF_TEST(what a server takes while it moves to the disk is not pushed again) {
  open();
  append(1);
  subject->acknowledge(oldest().id);
  std::optional<test::full_disk> full{std::in_place, 1};
  append(5);
  append(5);
  CAF_CHECK_EQUAL(subject->in_memory().results, 10U);
  const auto pushed = oldest();
  CAF_CHECK((latencies(pushed).front() == 1));
  full.reset();
  append(5);
  CAF_CHECK_EQUAL(subject->in_memory().results, 0U);
  subject->acknowledge(pushed.id);
  CAF_CHECK_EQUAL(subject->counts().acked, 6U);
  CAF_CHECK((drain() == numbers{6, 7, 8, 9, 10, 11, 12, 13, 14, 15}));
  check_sum();
}

CAF_TEST(a directory that cannot be made is no obstacle) {
  std::ofstream{folder.file("file")} << "x";
  options.directory = folder.file("file") + "/state";
  open();
  append(3);
  CAF_CHECK_EQUAL(subject->in_memory().results, 3U);
  CAF_MESSAGE("it is tried again later");
  std::filesystem::remove(folder.file("file"));
  append(1);
  CAF_CHECK_EQUAL(subject->in_memory().results, 4U);
  now += 31s;
  append(1);
  CAF_CHECK_EQUAL(subject->in_memory().results, 0U);
  CAF_CHECK((drain() == numbers{0, 1, 2, 3, 4}));
  check_sum();
}

CAF_TEST(a damaged spool is set aside) {
  for (const std::size_t at : {std::size_t{0}, std::size_t{100}, std::size_t{4096}}) {
    for (const auto& old : std::filesystem::directory_iterator{folder.path()}) {
      std::filesystem::remove(old.path());
    }
    open();
    append(500);
    subject.reset();
    test::overwrite(folder.file("spool.db"), at, std::string(3000, 'x'));
    next = before_ = 0;
    open();
    append(2);
    const auto got = drain();
    CAF_CHECK_EQUAL(got.back(), 1);
    std::size_t aside = 0;
    for (const auto& file : std::filesystem::directory_iterator{folder.path()}) {
      aside += file.path().string().find("spool.db.damaged-") != std::string::npos ? 1U : 0U;
    }
    CAF_CHECK(aside >= 1);
    CAF_CHECK_EQUAL(subject->in_memory().results, 0U);
    subject.reset();
  }
}

CAF_TEST(a spool of another process is left alone) {
  open();
  append(3);
  spool second{options};
  second.append({samples::result(target)}, now);
  CAF_CHECK_EQUAL(second.in_memory().results, 1U);
  CAF_CHECK_EQUAL(second.counts().restored, 0U);
  CAF_CHECK((drain() == numbers{0, 1, 2}));
}

CAF_TEST(much at once makes several batches) {
  open();
  std::vector<probe_result_ptr> results;
  for (target_index i = 0; i < 5000; ++i) {
    results.push_back(samples::result(samples::target(
        i, std::to_string(i) + std::string(2000, static_cast<char>('a' + i % 26)))));
  }
  subject->append(results, now);
  CAF_CHECK(subject->size().batches >= 3);
  CAF_CHECK_EQUAL(subject->size().results, 5000U);
  std::uint64_t total = 0;
  for (auto batch = oldest(); batch.id != 0; batch = oldest()) {
    total += latencies(batch).size();
    subject->acknowledge(batch.id);
  }
  CAF_CHECK_EQUAL(total, 5000U);
}

CAF_TEST(many long names of regions make several batches that can be read) {
  open();
  std::vector<probe_result_ptr> results;
  for (; next < 5000; ++next) {
    auto outcome = samples::success();
    outcome.values.set(kinds::icmp_column::latency, static_cast<float>(next));
    const auto far = new_counted<const target_spec>(
        target_spec{{std::to_string(next) + std::string(2000, 'r'), "10.0.0.1", kinds::icmp()},
                    static_cast<target_index>(next)});
    results.push_back(samples::result(far, outcome));
  }
  subject->append(results, now);
  CAF_CHECK(subject->size().batches >= 3);
  const auto all = drain();
  CAF_REQUIRE_EQUAL(all.size(), 5000U);
  CAF_CHECK(std::is_sorted(all.begin(), all.end()));
}

CAF_TEST(the clock at sending is the one of the moment) {
  open();
  append(1);
  const auto later = wall_time{2'000'000'000'123ms};
  CAF_CHECK_EQUAL(header_of(subject->oldest(later)).sent_unix_ms, 2'000'000'000'123);
}

CAF_TEST(the target list is kept) {
  open();
  CAF_CHECK_EQUAL(subject->kept_list(), "");
  subject->keep_list("first");
  subject->keep_list(std::string("sec\0nd", 6));
  open();
  CAF_CHECK_EQUAL(subject->kept_list(), std::string("sec\0nd", 6));
  options.directory.clear();
  open();
  subject->keep_list("x");
  CAF_CHECK_EQUAL(subject->kept_list(), "");
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace spool_suite
