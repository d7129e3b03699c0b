#define CAF_SUITE journal_replay

#include "xprober/actors/server/journal_replay.hpp"

#include <string>
#include <vector>

#include "storage/folder.hpp"
#include "support/samples.hpp"
#include "xprober/domain/wire/batch.hpp"

#include "caf/test/dsl.hpp"

namespace journal_replay_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

constexpr auto noon = wall_time{1'767'268'800s};

struct fixture {
  test::folder folder;
  storage::journal file{folder.path()};
  std::uint64_t sequence = 0;

  void add(wall_time received) {
    batch_encoder encoder{{"cn-south", "10.1.1.1"}};
    encoder.add(*samples::result(samples::target(0, "10.0.0.1")));
    const auto bytes = encoder.finish({}, ++sequence, 0);
    batch_header header;
    CAF_REQUIRE_EQUAL(read_batch_header(bytes, header), "");
    file.add(header, bytes, {1, 0}, received, 3);
  }

  /// When each batch of a whole part came, in seconds before noon, in the order they were given.
  static std::vector<std::int64_t> part(journal_replay& subject, wall_time since) {
    std::vector<std::int64_t> ages;
    for (auto step = subject.next(since); !step.empty(); step = subject.next(since)) {
      for (const auto& batch : step) {
        CAF_CHECK(!batch.body->empty());
        CAF_CHECK_EQUAL(batch.rows, 1u);
        ages.push_back(to_unix_seconds(noon) - to_unix_seconds(batch.received));
      }
      subject.read_ahead(since);
    }
    return ages;
  }
};

using ages = std::vector<std::int64_t>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(journal_replay_tests, fixture)

CAF_TEST(what is recent comes first and then what is older and each once) {
  for (const auto age : {300s, 200s, 100s, 60s, 30s, 0s}) {
    add(noon - age);
  }
  journal_replay subject{file, noon};
  CAF_CHECK(subject.is_recent());
  CAF_CHECK((part(subject, noon - 250s) == ages{60, 30, 0}));
  subject.begin_older();
  CAF_CHECK(!subject.is_recent());
  CAF_CHECK((part(subject, noon - 250s) == ages{200, 100}));
}

CAF_TEST(what came while the first part ran is in neither) {
  add(noon - 100s);
  add(noon);
  journal_replay subject{file, noon};
  CAF_CHECK((part(subject, noon - 250s) == ages{0}));
  add(noon + 1s); // it went to the store when it came
  subject.begin_older();
  CAF_CHECK((part(subject, noon - 250s) == ages{100}));
}

CAF_TEST(nothing is given when nothing is fresh) {
  add(noon - 100s);
  journal_replay subject{file, noon - 100s};
  CAF_CHECK(part(subject, noon).empty());
  subject.begin_older();
  CAF_CHECK(part(subject, noon).empty());
}

CAF_TEST(many batches come in steps) {
  for (int i = 0; i < 150; ++i) {
    add(noon);
  }
  journal_replay subject{file, noon};
  CAF_CHECK_EQUAL(subject.next(noon).size(), 64u);
  subject.read_ahead(noon);
  CAF_CHECK_EQUAL(subject.next(noon).size(), 64u);
  CAF_CHECK_EQUAL(subject.next(noon).size(), 22u);
  CAF_CHECK(subject.next(noon).empty());
}

CAF_TEST(records of another kind and batches that cannot be unpacked are left out) {
  add(noon);
  file.add(record_kind::values, "values", noon, 1);
  file.add(record_kind::batch, "no batch at all", noon, 1);
  add(noon);
  journal_replay subject{file, noon};
  CAF_CHECK((part(subject, noon) == ages{0, 0}));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace journal_replay_suite
