#define CAF_SUITE discovery

#include "xprober/actors/server/discovery.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "xprober/actors/stats.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/kind_table.hpp"

#include "support/fake_discovery_io.hpp"
#include "support/fake_target_pool.hpp"

#include "support/actor_reaper.hpp"

namespace discovery_suite {

using namespace xprober;
using namespace std::chrono_literals;
using test::file;
using test::strings;
using test::url;

namespace {

struct fixture : xprober_fixture {
  std::shared_ptr<test::fake_discovery_io> io = std::make_shared<test::fake_discovery_io>();
  std::vector<pool_config> told; ///< to the pool
  discovery_config config;
  actor_reaper reaper{*this};
  stats_actor counters = reaper.keep(sys.spawn(stats, stats_identity{"server", "1"}));
  target_pool_actor pool =
      reaper.keep(fake_target_pool::spawn(sys, [this](const pool_config& next) {
        told.push_back(next);
        return pool_report{next.catalog ? next.catalog->total() : 0, {}};
      }));
  discovery_actor sut = reaper.keep(sys.spawn(discovery, io, pool, counters));

  fixture() {
    log::set_level(log::level::off);
    config.configured.entries = {{"icmp", "c", {"10.0.0.1"}, {}, 1}};
    config.configured.max_targets = 10;
  }

  pool_report prepare() {
    const auto report = reaper.ask<pool_report>(sut, prepare_atom_v, config);
    CAF_REQUIRE(report);
    return *report;
  }

  pool_report commit() {
    const auto report = reaper.ask<pool_report>(sut, commit_atom_v);
    CAF_REQUIRE(report);
    return *report;
  }

  void abandon() {
    caf::anon_send(sut, abandon_atom_v);
    reaper.settle();
  }

  pool_report configure() {
    const auto judged = prepare();
    return judged.error.empty() ? commit() : judged;
  }

  /// All addresses of the last catalog that the pool was told of, sorted.
  strings targets() {
    strings all;
    if (!told.empty() && told.back().catalog) {
      for (const auto& slice : told.back().catalog->slices) {
        all.insert(all.end(), slice.addresses.begin(), slice.addresses.end());
      }
    }
    std::ranges::sort(all);
    return all;
  }

  void change(const std::string& path, const std::string& text) {
    io->files[path] = text;
    io->changed();
    reaper.settle();
  }

  /// Answers the oldest question.
  void answer(read_text text) {
    CAF_REQUIRE(!io->asked.empty());
    auto done = std::move(io->asked.front().second);
    io->asked.erase(io->asked.begin());
    done(std::move(text));
    reaper.settle();
  }

  discovery_source_stats row(const std::string& name) {
    reaper.settle();
    for (const auto& source : reaper.state_of<stats_state>(counters).discovery.sources) {
      if (source.source == name) {
        return source;
      }
    }
    CAF_FAIL("no source " << name);
    return {};
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(discovery_tests, fixture)

CAF_TEST(without sources the configured targets are told at once) {
  const auto report = configure();
  CAF_CHECK_EQUAL(report.error, "");
  CAF_CHECK_EQUAL(report.targets, 1u);
  CAF_REQUIRE_EQUAL(told.size(), 1u);
  CAF_CHECK(targets() == strings{"10.0.0.1"});
  CAF_CHECK_EQUAL(told[0].max_targets, 10u);
}

CAF_TEST(files are read and followed) {
  io->files = {{"/a/x.json", "10.1.0.1 team=t"}, {"/a/y.json", "10.1.0.2"}};
  config.files = {file({"/a/*.json"})};
  CAF_CHECK_EQUAL(configure().targets, 3u);
  CAF_CHECK(targets() == (strings{"10.0.0.1", "10.1.0.1", "10.1.0.2"}));
  CAF_CHECK(io->watched == strings{"/a/*.json"});
  const auto& labels = told.back().catalog->labels;
  CAF_REQUIRE(labels != nullptr);
  CAF_CHECK(labels->find(target_uid{"r", "10.1.0.1", kinds::icmp()}) != nullptr);
  CAF_CHECK(labels->find(target_uid{"r", "10.1.0.2", kinds::icmp()}) == nullptr);
  change("/a/x.json", "10.1.0.9");
  CAF_CHECK(targets() == (strings{"10.0.0.1", "10.1.0.2", "10.1.0.9"}));
  change("/a/z.json", "10.1.0.3"); // a new file
  CAF_CHECK(targets() == (strings{"10.0.0.1", "10.1.0.2", "10.1.0.3", "10.1.0.9"}));
  CAF_CHECK_EQUAL(row("/a/x.json").ok, 2u);
  CAF_CHECK_EQUAL(row("/a/y.json").ok, 1u);
}

CAF_TEST(a file that says the same tells nobody) {
  io->files = {{"/a/x.json", "10.1.0.1"}};
  config.files = {file({"/a/x.json"})};
  configure();
  const auto before = told.size();
  const auto parsed = io->parsed;
  io->changed();
  reaper.settle();
  CAF_CHECK_EQUAL(told.size(), before);
  CAF_CHECK_EQUAL(io->parsed, parsed);
}

CAF_TEST(a file that becomes wrong or vanishes keeps its last good targets) {
  io->files = {{"/a/x.json", "10.1.0.1"}, {"/a/y.json", "10.1.0.2"}};
  config.files = {file({"/a/*.json"})};
  configure();
  const auto before = targets();
  change("/a/x.json", "bad");
  CAF_CHECK(targets() == before);
  CAF_CHECK_EQUAL(row("/a/x.json").last_error, "/a/x.json:1: this is bad");
  CAF_CHECK_EQUAL(row("/a/x.json").targets, 1u);
  CAF_CHECK_EQUAL(row("/a/x.json").failed, 1u);
  io->files.erase("/a/x.json");
  io->changed();
  reaper.settle();
  CAF_CHECK(targets() == before);
  CAF_CHECK_EQUAL(row("/a/x.json").last_error, "/a/x.json: cannot be read");
  // The others go on.
  change("/a/y.json", "10.1.0.3");
  CAF_CHECK(targets() == (strings{"10.0.0.1", "10.1.0.1", "10.1.0.3"}));
  // It comes back as it was.
  change("/a/x.json", "10.1.0.1");
  CAF_CHECK_EQUAL(row("/a/x.json").last_error, "");
}

CAF_TEST(an empty list is obeyed and a reload forgets files that are gone) {
  io->files = {{"/a/x.json", "10.1.0.1"}, {"/a/y.json", "10.1.0.2"}};
  config.files = {file({"/a/*.json"})};
  configure();
  change("/a/y.json", " ");
  CAF_CHECK(targets() == (strings{"10.0.0.1", "10.1.0.1"}));
  io->files.erase("/a/x.json");
  configure();
  CAF_CHECK(targets() == strings{"10.0.0.1"});
}

CAF_TEST(a file that is not watched is looked at all the same) {
  io->files = {{"/a/x.json", "10.1.0.1"}};
  config.files = {file({"/a/x.json"})};
  config.files[0].refresh_interval = 30s;
  configure();
  io->files["/a/x.json"] = "10.1.0.2";
  reaper.pass(29s);
  CAF_CHECK(targets() == (strings{"10.0.0.1", "10.1.0.1"}));
  reaper.pass(2s);
  CAF_CHECK(targets() == (strings{"10.0.0.1", "10.1.0.2"}));
}

CAF_TEST(a source above the limit is refused as a whole and disturbs no other) {
  io->files = {{"/a/x.json", "10.1.0.1"}, {"/a/y.json", "10.1.0.2"}};
  config.files = {file({"/a/*.json"})};
  configure();
  change("/a/x.json", "10.2.0.0/29 10.2.1.1"); // 9, with which there are 11
  CAF_CHECK(targets() == (strings{"10.0.0.1", "10.1.0.1", "10.1.0.2"}));
  const auto error = row("/a/x.json").last_error;
  CAF_CHECK(error.starts_with("/a/x.json:1: target '10.2.1.1' stands for 1 targets and makes "
                              "them 11 in all; max_targets allows 10"));
  change("/a/y.json", "10.1.0.3");
  CAF_CHECK(targets() == (strings{"10.0.0.1", "10.1.0.1", "10.1.0.3"}));
  change("/a/x.json", "10.2.0.0/29");
  CAF_CHECK_EQUAL(targets().size(), 10u);
}

CAF_TEST(a reload that the last good lists do not fit is refused) {
  io->files = {{"/a/x.json", "10.1.0.0/29"}};
  config.files = {file({"/a/x.json"})};
  configure();
  const auto good = config;
  const auto count = told.size();
  config.configured.max_targets = 8;
  CAF_CHECK(configure().error.find("discovered targets: /a/x.json:1: ") == 0);
  config = good;
  config.files[0].defaults.region.clear();
  CAF_CHECK(configure().error.find("the group has no region") != std::string::npos);
  config = good;
  config.configured.entries[0].target = {"10.0.0.300"};
  CAF_CHECK(configure().error.find("prober_targets: line 1: ") == 0);
  CAF_CHECK_EQUAL(told.size(), count);
  config = good;
  CAF_CHECK_EQUAL(configure().error, "");
  CAF_CHECK_EQUAL(targets().size(), 9u);
}

CAF_TEST(nothing is told before every URL was asked) {
  config.urls = {url("http://a/"), url("http://b/")};
  CAF_CHECK_EQUAL(configure().error, "");
  CAF_CHECK(told.empty());
  reaper.pass(1ms);
  CAF_REQUIRE_EQUAL(io->asked.size(), 2u);
  answer({"10.1.0.1", {}});
  CAF_CHECK(told.empty());
  answer({{}, "http://b/: no answer in time"});
  CAF_CHECK(targets() == (strings{"10.0.0.1", "10.1.0.1"}));
  CAF_CHECK_EQUAL(row("http://b/").last_error, "http://b/: no answer in time");
}

CAF_TEST(a URL that hangs holds up the rest for a bounded time) {
  config.urls = {url("http://a/")};
  configure();
  reaper.pass(first_lists_wait - 1s);
  CAF_CHECK(told.empty());
  reaper.pass(2s);
  CAF_CHECK(targets() == strings{"10.0.0.1"});
  answer({"10.1.0.1", {}});
  CAF_CHECK(targets() == (strings{"10.0.0.1", "10.1.0.1"}));
}

CAF_TEST(a URL is asked again after its interval and sooner after a failure) {
  config.urls = {url("http://a/", 60s)};
  config.urls[0].bearer_token_file = "/t";
  configure();
  reaper.pass(1ms);
  CAF_REQUIRE_EQUAL(io->asked.size(), 1u);
  CAF_CHECK_EQUAL(io->asked[0].first.authorization, "Bearer t");
  answer({"10.1.0.1", {}});
  reaper.pass(59s);
  CAF_CHECK(io->asked.empty());
  reaper.pass(2s);
  CAF_REQUIRE_EQUAL(io->asked.size(), 1u);
  reaper.pass(200s);
  CAF_CHECK_EQUAL(io->asked.size(), 1u); // one at a time
  answer({{}, "http://a/: refused"});
  CAF_CHECK(targets() == (strings{"10.0.0.1", "10.1.0.1"}));
  reaper.pass(1s);
  CAF_CHECK_EQUAL(io->asked.size(), 1u);
  answer({"bad", {}});
  CAF_CHECK_EQUAL(row("http://a/").last_error, "http://a/:1: this is bad");
  CAF_CHECK_EQUAL(row("http://a/").failed, 2u);
  CAF_CHECK(targets() == (strings{"10.0.0.1", "10.1.0.1"}));
  reaper.pass(2s);
  answer({"", {}}); // a good server's empty list
  CAF_CHECK(targets() == strings{"10.0.0.1"});
}

CAF_TEST(a secret that cannot be read is a failure of its source) {
  io->secret_problem = "/t: cannot be read";
  config.urls = {url("http://a/")};
  configure();
  reaper.pass(1ms);
  CAF_CHECK(io->asked.empty());
  CAF_CHECK_EQUAL(row("http://a/").last_error, "/t: cannot be read");
  CAF_CHECK(targets() == strings{"10.0.0.1"}); // it was asked, in vain
  io->secret_problem.clear();
  reaper.pass(1s);
  CAF_CHECK_EQUAL(io->asked.size(), 1u);
}

CAF_TEST(the list kept from before the start serves at once) {
  io->cache = {{"http://a/", "10.1.0.1"}, {"/a/x.json", "10.1.0.2"}, {"http://old/", "10.1.0.3"}};
  io->files = {{"/a/x.json", "bad"}};
  config.files = {file({"/a/x.json"})};
  config.urls = {url("http://a/")};
  CAF_CHECK_EQUAL(configure().targets, 3u);
  CAF_CHECK(targets() == (strings{"10.0.0.1", "10.1.0.1", "10.1.0.2"}));
  CAF_CHECK(row("http://a/").kept);
  CAF_CHECK(row("/a/x.json").kept);
  CAF_CHECK(!io->cache.contains("http://old/"));
  reaper.pass(1ms);
  answer({"10.1.0.1", {}});
  CAF_CHECK(!row("http://a/").kept);
  CAF_CHECK_EQUAL(row("http://a/").ok, 1u);
  CAF_CHECK_EQUAL(told.size(), 1u); // the same list
}

CAF_TEST(files that a pattern found before the start are kept though their folder is gone) {
  io->cache = {{"/a/x.json", "10.1.0.1"}, {"/a/b/y.json", "10.1.0.2"}, {"/c/z.json", "10.1.0.3"}};
  config.files = {file({"/a/*.json"})};
  configure();
  CAF_CHECK(targets() == (strings{"10.0.0.1", "10.1.0.1"}));
  CAF_CHECK(row("/a/x.json").kept);
  CAF_CHECK(io->cache.contains("/a/x.json"));
  CAF_CHECK(!io->cache.contains("/c/z.json"));
  CAF_MESSAGE("a reload forgets them");
  configure();
  CAF_CHECK(targets() == strings{"10.0.0.1"});
}

CAF_TEST(a kept list that cannot be used is left alone) {
  io->cache = {{"http://a/", "bad"}};
  config.urls = {url("http://a/")};
  configure();
  CAF_CHECK(told.empty()); // not asked yet
  CAF_CHECK(!row("http://a/").kept);
}

CAF_TEST(a reload adds and removes sources and asks with new settings) {
  config.urls = {url("http://a/"), url("http://b/")};
  configure();
  reaper.pass(1ms);
  answer({"10.1.0.1", {}});
  answer({"10.1.0.2", {}});
  CAF_CHECK_EQUAL(targets().size(), 3u);
  config.urls = {url("http://b/", 5s), url("http://c/")};
  configure();
  CAF_CHECK(targets() == (strings{"10.0.0.1", "10.1.0.2"}));
  reaper.pass(1ms);
  CAF_REQUIRE_EQUAL(io->asked.size(), 2u);
  answer({"10.1.0.4", {}});
  answer({"10.1.0.5", {}});
  CAF_CHECK(targets() == (strings{"10.0.0.1", "10.1.0.4", "10.1.0.5"}));
  // Only the new interval counts.
  reaper.pass(6s);
  CAF_CHECK_EQUAL(io->asked.size(), 1u);
  CAF_CHECK_EQUAL(io->asked[0].first.source.url, "http://b/");
}

CAF_TEST(an answer to a source that is gone is dropped) {
  config.urls = {url("http://a/")};
  configure();
  reaper.pass(1ms);
  config.urls.clear();
  configure();
  const auto before = told.size();
  answer({"10.1.0.1", {}});
  CAF_CHECK_EQUAL(told.size(), before);
  CAF_CHECK(targets() == strings{"10.0.0.1"});
}

CAF_TEST(what is prepared changes nothing until it is committed) {
  io->files = {{"/a/x.json", "10.1.0.1"}, {"/b/y.json", "10.2.0.1"}};
  config.files = {file({"/a/x.json"})};
  configure();
  const auto before = told.size();
  config.files = {file({"/b/y.json"})};
  config.configured.entries[0].target = {"10.0.0.2"};
  CAF_CHECK_EQUAL(prepare().error, "");
  CAF_CHECK_EQUAL(told.size(), before);
  CAF_CHECK(io->watched == strings{"/a/x.json"});
  CAF_CHECK_EQUAL(row("/a/x.json").targets, 1u);
  CAF_CHECK(!io->cache.contains("/b/y.json"));
  commit();
  CAF_CHECK(targets() == (strings{"10.0.0.2", "10.2.0.1"}));
  CAF_CHECK(io->watched == strings{"/b/y.json"});
}

CAF_TEST(what is abandoned was never there and what came meanwhile is obeyed) {
  io->files = {{"/a/x.json", "10.1.0.1"}};
  config.files = {file({"/a/x.json"})};
  config.urls = {url("http://a/")};
  configure();
  reaper.pass(1ms);
  config.files.clear();
  config.urls.clear();
  CAF_CHECK_EQUAL(prepare().error, "");
  change("/a/x.json", "10.1.0.2");
  answer({"10.3.0.1", {}});
  CAF_CHECK(told.empty()); // the URL has not answered yet, as far as anybody knows
  abandon();
  CAF_CHECK(targets() == (strings{"10.0.0.1", "10.1.0.2", "10.3.0.1"}));
  CAF_MESSAGE("nothing is left to commit");
  const auto before = told.size();
  commit();
  CAF_CHECK(targets() == (strings{"10.0.0.1", "10.1.0.2", "10.3.0.1"}));
  CAF_CHECK_EQUAL(told.size(), before + 1);
}

CAF_TEST(what comes between prepare and commit is judged by the new configuration) {
  config.urls = {url("http://a/"), url("http://b/")};
  configure();
  reaper.pass(1ms);
  answer({"10.1.0.1", {}});
  answer({"10.1.0.2", {}});
  reaper.pass(60s);
  config.urls = {url("http://b/")};
  CAF_CHECK_EQUAL(prepare().error, "");
  answer({"10.1.0.11", {}});
  answer({"10.1.0.12", {}});
  CAF_CHECK(targets() == (strings{"10.0.0.1", "10.1.0.1", "10.1.0.2"}));
  commit();
  CAF_CHECK(targets() == (strings{"10.0.0.1", "10.1.0.12"}));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace discovery_suite
