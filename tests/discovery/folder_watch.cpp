#define CAF_SUITE folder_watch

#include "xprober/discovery/folder_watch.hpp"

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "xprober/base/log.hpp"

#include "net/io_thread.hpp"

#include "caf/test/unit_test.hpp"

namespace folder_watch_suite {

using namespace xprober;
using namespace xprober::service_discovery;
using xprober::test::eventually;

namespace {

struct fixture {
  fixture() {
    log::set_level(log::level::off);
    auto name = (std::filesystem::temp_directory_path() / "xprober-watch-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~fixture() {
    watch.stop();
    std::filesystem::remove_all(path);
  }

  void begin(const std::string& folder) {
    watch.watch({folder}, [this] { ++changes; });
    // It tells once by itself: something may have come before the watch.
    CAF_REQUIRE(eventually([&] { return changes == 1; }));
  }
  void write(const std::string& name) const { std::ofstream{path + "/" + name} << "x"; }
  bool told(int count) {
    return eventually([&] { return changes >= count; });
  }

  std::string path;
  std::atomic<int> changes{0};
  test::io_thread io;
  folder_watch watch{io.context};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(folder_watch_tests, fixture)

CAF_TEST(writing and renaming over and removing are told) {
  write("a");
  begin(path);
  write("a");
  CAF_CHECK(told(2));
  write("b");
  CAF_CHECK(told(3));
  std::filesystem::rename(path + "/b", path + "/a");
  CAF_CHECK(told(4));
  std::filesystem::remove(path + "/a");
  CAF_CHECK(told(5));
}

CAF_TEST(a folder may come later and come again) {
  const auto later = path + "/x/y";
  begin(later);
  std::filesystem::create_directories(later);
  CAF_CHECK(told(2));
  // Once it has told of the folder it watches it; a step in between may have been told apart.
  int seen = changes;
  write("x/y/a");
  CAF_CHECK(told(seen + 1));
  seen = changes;
  std::filesystem::remove_all(path + "/x");
  CAF_CHECK(told(seen + 1));
  seen = changes;
  std::filesystem::create_directories(later);
  CAF_CHECK(told(seen + 1));
  seen = changes;
  write("x/y/a");
  CAF_CHECK(told(seen + 1));
}

CAF_TEST(steps of one change are told once) {
  begin(path);
  for (int i = 0; i < 50; ++i) {
    write("a");
  }
  CAF_CHECK(told(2));
  write("b");
  CAF_CHECK(told(3));
  CAF_CHECK_LESS(int{changes}, 6);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace folder_watch_suite
