#define CAF_SUITE series_file

#include "xprober/storage/series_file.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "storage/damaged_file.hpp"
#include "storage/folder.hpp"
#include "xprober/base/log.hpp"

#include "caf/test/dsl.hpp"

namespace series_file_suite {

using namespace xprober;
using namespace xprober::storage;

namespace {

constexpr std::int64_t noon = 1'767'268'800;

kept_series sample(std::uint32_t number) {
  kept_series series;
  series.source_region = "us";
  series.agent = "10.1.1.1";
  series.target_region = "region-" + std::to_string(number % 7);
  series.address = "10.0.0." + std::to_string(number);
  series.prober = "icmp";
  series.kind = std::string{"\0description", 12};
  series.state = static_cast<std::uint8_t>(number % 6);
  series.streak = number;
  series.since_unix = 1'767'268'000 + number;
  series.last_unix = 0xFFFF'FFFFU - number;
  if (number % 3 == 0) {
    series.failed_unix = 1'767'268'100;
    series.reason = "no_reply";
    series.phase = "echo";
    series.detail = "10.0.0." + std::to_string(number) + ": none of 10 echoes was answered";
  }
  series.usual_ms = 1.5F * static_cast<float>(number);
  series.deviation_ms = 0.25F;
  return series;
}

std::vector<kept_series> samples_of(std::uint32_t count) {
  std::vector<kept_series> all;
  for (std::uint32_t i = 0; i < count; ++i) {
    all.push_back(sample(i));
  }
  return all;
}

struct fixture {
  fixture() {
    log::set_level(log::level::off);
    open();
  }

  test::folder folder;
  std::optional<series_file> subject;

  void open() {
    subject.reset();
    subject.emplace(folder.path());
  }
  std::string path() const { return folder.file("series.db"); }
  std::size_t set_aside() const { return test::count_files(folder.path(), "series.db.damaged-"); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(series_file_tests, fixture)

CAF_TEST(series are there after a restart as they were) {
  CAF_CHECK(subject->read().empty());
  CAF_CHECK_EQUAL(subject->written_unix(), 0);
  const auto all = samples_of(100);
  subject->replace(all, noon);
  CAF_CHECK(subject->read() == all);
  open();
  CAF_CHECK(subject->read() == all);
  CAF_CHECK_EQUAL(subject->written_unix(), noon);
  CAF_CHECK(!subject->has_replaced());
}

CAF_TEST(what is written takes the place of what was there) {
  subject->replace(samples_of(100), noon);
  const auto fewer = samples_of(3);
  subject->replace(fewer, noon + 60);
  CAF_CHECK(subject->read() == fewer);
  subject->replace({}, noon + 120);
  open();
  CAF_CHECK(subject->read().empty());
  CAF_CHECK_EQUAL(subject->written_unix(), noon + 120);
}

CAF_TEST(very many series are written in pieces and the file does not grow with each time) {
  const auto all = samples_of(120'000);
  subject->replace(all, noon);
  subject->replace(all, noon);
  open();
  const auto size = std::filesystem::file_size(path());
  for (int i = 0; i < 3; ++i) {
    subject->replace(all, noon);
  }
  open();
  CAF_CHECK_LESS_OR_EQUAL(std::filesystem::file_size(path()), size + size / 2);
  CAF_CHECK(subject->read() == all);
}

CAF_TEST(a series with a text that is too long is left out) {
  auto all = samples_of(3);
  all[1].detail = std::string(longest_kept_text + 1, 'x');
  all[2].detail = std::string(longest_kept_text, 'x');
  subject->replace(all, noon);
  all.erase(all.begin() + 1);
  CAF_CHECK(subject->read() == all);
}

CAF_TEST(on a full disk what was there stays) {
  const auto before = samples_of(10);
  subject->replace(before, noon);
  auto many = samples_of(20'000);
  for (std::size_t i = 0; i < many.size(); ++i) {
    many[i].detail = std::to_string(i * 2'654'435'761U) + std::to_string(i * 40'503U);
  }
  bool refused = false;
  {
    const test::full_disk full{64 * 1024};
    try {
      subject->replace(many, noon);
    } catch (const database_error& error) {
      refused = !error.damaged();
    }
  }
  CAF_CHECK(refused);
  CAF_CHECK(subject->read() == before);
  subject->replace(many, noon);
  CAF_CHECK(subject->read() == many);
}

CAF_TEST(a file that is none is set aside) {
  subject->replace(samples_of(10), noon);
  subject.reset();
  std::ofstream{path()} << std::string(8192, 'x');
  open();
  CAF_CHECK(subject->has_replaced());
  CAF_CHECK_EQUAL(set_aside(), 1u);
  CAF_CHECK(subject->read().empty());
  subject->replace(samples_of(2), noon);
  CAF_CHECK_EQUAL(subject->read().size(), 2u);
}

CAF_TEST(damage gives what was written or nothing and a file that works) {
  const auto all = samples_of(3000);
  subject->replace(all, noon);
  subject.reset();
  std::mt19937 random{20'260'102};
  const auto size = std::filesystem::file_size(path());
  int replaced = 0;
  for (int i = 0; i < 60; ++i) {
    const test::folder copy{test::memory_folder()};
    const auto damaged = copy.file("series.db");
    std::filesystem::copy(path(), damaged);
    const auto at = std::uniform_int_distribution<std::uintmax_t>{0, size - 16}(random);
    std::string bytes(16, '\0');
    std::ranges::generate(bytes, [&] { return static_cast<char>(random()); });
    test::overwrite(damaged, at, bytes);
    series_file met{copy.path()};
    const auto found = met.read();
    CAF_CHECK(found == all || (found.empty() && met.has_replaced()));
    replaced += met.has_replaced() ? 1 : 0;
    met.replace(samples_of(2), noon);
    CAF_CHECK_EQUAL(met.read().size(), 2u);
  }
  CAF_CHECK_GREATER(replaced, 30);
}

CAF_TEST(a file that was removed is begun anew) {
  subject->replace(samples_of(10), noon);
  std::filesystem::remove(path());
  const auto fresh = samples_of(5);
  subject->replace(fresh, noon + 60);
  CAF_CHECK(std::filesystem::exists(path()));
  open();
  CAF_CHECK(subject->read() == fresh);
}

CAF_TEST(without a directory it is in memory) {
  series_file memory{""};
  memory.replace(samples_of(4), noon);
  CAF_CHECK_EQUAL(memory.read().size(), 4u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace series_file_suite
