#define CAF_SUITE watch_plan

#include "xprober/discovery/watch_plan.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "caf/test/unit_test.hpp"

namespace watch_plan_suite {

using namespace xprober::service_discovery;

namespace {

struct fixture {
  fixture() {
    auto name = (std::filesystem::temp_directory_path() / "xprober-plan-XXXXXX").string();
    path = std::filesystem::canonical(::mkdtemp(name.data())).string();
    std::filesystem::create_directories(path + "/real");
    std::ofstream{path + "/real/t.json"} << "[]";
  }
  ~fixture() { std::filesystem::remove_all(path); }

  void link(const std::string& to, const std::string& name) const {
    std::filesystem::create_symlink(to, path + "/" + name);
  }
  /// What is watched for in a folder below.
  watched_folder at(const watch_plan& plan, const std::string& folder) const {
    const auto found = plan.find(path + folder);
    return found == plan.end() ? watched_folder{} : found->second;
  }

  std::string path;
};

using names = std::set<std::string, std::less<>>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(watch_plan_tests, fixture)

CAF_TEST(a plain file needs its folder and notes those above) {
  const auto plan = plan_watch({path + "/real/t.json"});
  CAF_CHECK(at(plan, "/real") == (watched_folder{names{"t.json"}, false, true, true}));
  CAF_CHECK(at(plan, "") == (watched_folder{names{"real"}, false, false, false}));
  CAF_CHECK(plan.contains("/"));
}

CAF_TEST(a pattern needs every entry and follows those that are links) {
  link("../real/t.json", "real/x.json");
  link("real", "way");
  const auto plan = plan_watch({path + "/way/*.json"});
  CAF_CHECK(at(plan, "") == (watched_folder{names{"real", "way"}, false, false, true}));
  CAF_CHECK(at(plan, "/real").all);
  CAF_CHECK(at(plan, "/real").content);
  CAF_CHECK(!plan.contains(path + "/way"));
}

CAF_TEST(a way that is not there yet ends where it would begin) {
  const auto plan = plan_watch({path + "/later/deep/t.json"});
  CAF_CHECK(at(plan, "") == (watched_folder{names{"later"}, false, true, true}));
  CAF_CHECK(!plan.contains(path + "/later"));
}

CAF_TEST(links in a ring and links to nowhere end) {
  link("b", "a");
  link("a", "b");
  link("nowhere/x", "c");
  const auto plan = plan_watch({path + "/a/t.json", path + "/c"});
  CAF_CHECK(at(plan, "").names == (names{"a", "b", "c", "nowhere"}));
}

CAF_TEST(a path without folders is of the working directory) {
  const auto plan = plan_watch({"t.json", "./u.json"});
  CAF_REQUIRE_EQUAL(plan.size(), 1u);
  CAF_CHECK(plan.at(".").names == (names{"t.json", "u.json"}));
  CAF_CHECK(plan_watch({}).empty());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace watch_plan_suite
