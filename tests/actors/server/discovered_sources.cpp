#define CAF_SUITE discovered_sources

#include "xprober/actors/server/discovered_sources.hpp"

#include <algorithm>
#include <memory>

#include "support/fake_discovery_io.hpp"
#include "xprober/base/log.hpp"

#include "caf/test/dsl.hpp"

namespace discovered_sources_suite {

using namespace xprober;
using test::file;
using test::strings;
using test::url;

namespace {

struct fixture {
  std::shared_ptr<test::fake_discovery_io> io = std::make_shared<test::fake_discovery_io>();
  discovered_sources subject{io};
  discovery_config config;

  fixture() {
    log::set_level(log::level::off);
    config.configured.entries = {{"icmp", "c", {"10.0.0.1"}, {}, 1}};
    config.configured.max_targets = 10;
  }
  ~fixture() { log::set_level(log::level::info); }

  /// Prepares the configuration and puts it into force, unless it is refused.
  discovered_sources::outcome configure() {
    auto judged = subject.prepare(config);
    if (!judged.error.empty()) {
      return {std::move(judged), {}, {}};
    }
    return subject.commit();
  }

  /// All addresses, sorted.
  strings targets() const {
    strings all;
    const auto merged = subject.merged();
    CAF_REQUIRE(merged.catalog);
    for (const auto& slice : merged.catalog->slices) {
      all.insert(all.end(), slice.addresses.begin(), slice.addresses.end());
    }
    std::ranges::sort(all);
    return all;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(discovered_sources_tests, fixture)

CAF_TEST(files and urls add to what is configured) {
  io->files["/a.json"] = "10.1.0.1 10.1.0.2";
  config.files = {file({"/a.json"})};
  config.urls = {url("http://u/")};
  const auto done = configure();
  CAF_CHECK_EQUAL(done.report.error, "");
  CAF_CHECK_EQUAL(done.report.targets, 3u);
  CAF_REQUIRE_EQUAL(done.new_urls.size(), 1u);
  CAF_CHECK(done.urls == done.new_urls);
  CAF_CHECK(!subject.all_asked());
  CAF_CHECK(subject.take(done.new_urls[0], {"10.2.0.1", {}}));
  CAF_CHECK(subject.all_asked());
  CAF_CHECK((targets() == strings{"10.0.0.1", "10.1.0.1", "10.1.0.2", "10.2.0.1"}));
  const auto stats = subject.stats();
  CAF_REQUIRE_EQUAL(stats.sources.size(), 2u);
  CAF_CHECK_EQUAL(stats.sources[0].source, "/a.json");
  CAF_CHECK_EQUAL(stats.sources[1].source, "http://u/");
}

CAF_TEST(files are followed and one that is gone keeps its targets until the next configuration) {
  config.files = {file({"/l/*"})};
  configure();
  CAF_CHECK(!subject.read_files());
  io->files["/l/a"] = "10.1.0.1";
  CAF_CHECK(subject.read_files());
  CAF_CHECK(!subject.read_files());
  io->files.clear();
  CAF_CHECK(!subject.read_files());
  CAF_CHECK((targets() == strings{"10.0.0.1", "10.1.0.1"}));
  configure();
  CAF_CHECK((targets() == strings{"10.0.0.1"}));
}

CAF_TEST(a file that two patterns match belongs to the first) {
  io->files["/l/a"] = "10.1.0.1";
  config.files = {file({"/l/*"}, "first"), file({"/l/a"}, "second")};
  configure();
  CAF_CHECK_EQUAL(subject.stats().sources.size(), 1u);
  CAF_CHECK(subject.merged().catalog->slices.back().region == "first");
}

CAF_TEST(a configuration that the lists at hand do not fit changes nothing) {
  io->files["/a.json"] = "10.1.0.1 10.1.0.2";
  config.files = {file({"/a.json"})};
  configure();
  config.configured.max_targets = 2;
  auto done = configure();
  CAF_CHECK(done.report.error.starts_with("discovered targets: "));
  CAF_CHECK_EQUAL(done.report.targets, 3u);
  CAF_CHECK_EQUAL(subject.config().configured.max_targets, 10u);
  config.configured.entries[0].target = {"10.0.0.1", "10.0.0.2", "10.0.0.3"};
  done = configure();
  CAF_CHECK(done.report.error.starts_with("prober_targets: "));
  CAF_CHECK_EQUAL(targets().size(), 3u);
}

CAF_TEST(a source above the limit is refused and disturbs no other) {
  config.configured.max_targets = 3;
  io->files["/a"] = "10.1.0.1";
  io->files["/b"] = "10.2.0.1";
  config.files = {file({"/a", "/b"})};
  configure();
  io->files["/a"] = "10.1.0.1 10.1.0.2";
  CAF_CHECK(!subject.read_files());
  CAF_CHECK((targets() == strings{"10.0.0.1", "10.1.0.1", "10.2.0.1"}));
  CAF_CHECK(!subject.stats().sources[0].last_error.empty());
  CAF_CHECK(subject.stats().sources[1].last_error.empty());
}

CAF_TEST(a url with other settings has another number and keeps its list) {
  config.urls = {url("http://u/"), url("http://v/")};
  const auto before = configure();
  CAF_REQUIRE_EQUAL(before.urls.size(), 2u);
  subject.take(before.urls[0], {"10.2.0.1", {}});
  config.urls[0].refresh_interval = std::chrono::seconds{5};
  const auto after = configure();
  CAF_REQUIRE_EQUAL(after.new_urls.size(), 1u);
  CAF_CHECK(after.new_urls[0] != before.urls[0]);
  CAF_CHECK_EQUAL(after.urls[1], before.urls[1]);
  CAF_CHECK(subject.find(before.urls[0]) == nullptr);
  CAF_CHECK_EQUAL(subject.find(after.new_urls[0])->written, 1u);
  CAF_CHECK_EQUAL(targets().size(), 2u);
}

CAF_TEST(lists kept from before the start serve and others are forgotten) {
  io->cache = {{"http://u/", "10.2.0.1"}, {"/l/a", "10.1.0.1"}, {"http://old/", "10.9.0.1"}};
  config.files = {file({"/l/*"})}; // the folder is not there
  config.urls = {url("http://u/")};
  CAF_CHECK_EQUAL(configure().report.targets, 3u);
  CAF_CHECK(subject.all_asked());
  CAF_CHECK(!io->cache.contains("http://old/"));
  CAF_CHECK((targets() == strings{"10.0.0.1", "10.1.0.1", "10.2.0.1"}));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace discovered_sources_suite
