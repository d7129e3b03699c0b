#define CAF_SUITE spool_numbers

// No number of an instance is used twice, whatever a power failure has left.

#include <filesystem>
#include <vector>

#include "storage/spool_fixture.hpp"
#include "xprober/storage/database.hpp"

namespace spool_numbers_suite {

using namespace xprober;

namespace {

struct fixture : spool_fixture {
  /// The file is left as it would be by an earlier start of the machine.
  void start_machine_again() {
    subject.reset();
    storage::database file{folder.file("spool.db"), 0x7870'7370, 2};
    file.run("UPDATE boot SET boot = x'00'");
  }
};

using numbers = std::vector<int>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(spool_numbers_tests, fixture)

CAF_TEST(after another start of the machine numbers are of another instance) {
  open();
  append(2);
  append(1);
  const auto before = header_of(oldest());
  start_machine_again();
  open();
  before_ = next;
  const auto kept = header_of(oldest());
  CAF_CHECK((kept.instance == before.instance));
  CAF_CHECK_EQUAL(kept.sequence, 1U);
  CAF_CHECK((drain() == numbers{0, 1, 2}));
  append(1);
  const auto fresh = header_of(oldest());
  CAF_CHECK((fresh.instance != before.instance));
  CAF_CHECK_EQUAL(fresh.sequence, 1U);
  CAF_MESSAGE("which goes on while the machine runs");
  append(1);
  open();
  before_ = next;
  CAF_CHECK((drain() == numbers{3, 4}));
  append(1);
  CAF_CHECK((header_of(oldest()).instance == fresh.instance));
  CAF_CHECK_EQUAL(oldest().sequence, 3U);
  check_sum();
}

CAF_TEST(after another start of the machine a full disk can be read) {
  open();
  append(2);
  const auto before = header_of(oldest());
  start_machine_again();
  {
    const test::full_disk full{1};
    open();
    before_ = next;
    CAF_CHECK_EQUAL(subject->counts().restored, 2U);
    CAF_CHECK((header_of(oldest()).instance == before.instance));
    append(1);
    CAF_CHECK_EQUAL(subject->in_memory().results, 1U);
  }
  append(1);
  CAF_CHECK_EQUAL(subject->in_memory().results, 0U);
  subject->acknowledge(oldest().id);
  subject->acknowledge(oldest().id);
  const auto fresh = header_of(oldest());
  CAF_CHECK((latencies(oldest()) == numbers{3}));
  CAF_CHECK((fresh.instance != before.instance));
  CAF_CHECK_EQUAL(fresh.sequence, 1U);
  check_sum();
}

CAF_TEST(a hole in the log loses the last batches alone and no number is used again) {
  open();
  for (int i = 0; i < 10; ++i) {
    append(2);
  }
  const auto before = header_of(oldest());
  const test::folder other;
  std::filesystem::copy(folder.path(), other.path());
  test::lose_page_of_log(other.file("spool.db"));
  options.directory = other.path();
  open();
  before_ = next;
  const auto restored = subject->counts().restored;
  CAF_CHECK_GREATER(restored, 0U);
  CAF_CHECK_LESS(restored, 20U);
  CAF_CHECK_EQUAL(subject->counts().set_aside, 1U);
  CAF_CHECK_EQUAL(test::count_files(other.path(), "spool.db-wal.damaged-"), 1U);
  CAF_CHECK_EQUAL(test::count_files(other.path(), "spool.db.damaged-"), 0U);
  append(1);
  std::uint64_t kept = 0;
  for (auto batch = oldest(); batch.id != 0; batch = oldest()) {
    const auto header = header_of(batch);
    const bool fresh = latencies(batch).front() == 20;
    CAF_CHECK_EQUAL(header.instance == before.instance, !fresh);
    kept += fresh ? 0 : 1;
    CAF_CHECK_EQUAL(header.sequence, fresh ? 1U : kept);
    subject->acknowledge(batch.id);
  }
  CAF_CHECK_EQUAL(2 * kept, restored);
  check_sum();
  open();
  CAF_CHECK_EQUAL(subject->counts().set_aside, 0U);
}

CAF_TEST(another server has batches of another instance from the first that is made for it) {
  for (const auto& directory : {folder.path(), std::string{}}) {
    options.directory = directory;
    open();
    append(1);
    append(1);
    const auto first = header_of(oldest());
    subject->begin_instance();
    append(1);
    subject->acknowledge(oldest().id);
    CAF_MESSAGE("what was made before keeps its number");
    CAF_CHECK((header_of(oldest()).instance == first.instance));
    CAF_CHECK_EQUAL(header_of(oldest()).sequence, 2U);
    subject->acknowledge(oldest().id);
    const auto other = header_of(oldest());
    CAF_CHECK((other.instance != first.instance));
    CAF_CHECK_EQUAL(other.sequence, 1U);
    if (directory.empty()) {
      continue;
    }
    CAF_MESSAGE("it is the one of the file after a restart");
    open();
    append(1);
    subject->acknowledge(oldest().id);
    CAF_CHECK((header_of(oldest()).instance == other.instance));
    CAF_CHECK_EQUAL(header_of(oldest()).sequence, 2U);
  }
}

CAF_TEST(another instance that has no batch yet is not written) {
  open();
  append(1);
  const auto first = header_of(oldest());
  subject->acknowledge(oldest().id);
  subject->begin_instance();
  open();
  append(1);
  CAF_CHECK((header_of(oldest()).instance == first.instance));
  CAF_CHECK_EQUAL(header_of(oldest()).sequence, 2U);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace spool_numbers_suite
