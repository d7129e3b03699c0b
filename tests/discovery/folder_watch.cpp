#define CAF_SUITE folder_watch

#include "xprober/discovery/folder_watch.hpp"

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

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

  void begin(const std::string& pattern) {
    look(pattern);
    // It tells once by itself: something may have come before the watch.
    CAF_REQUIRE(eventually([&] { return changes == 1; }));
  }
  void look(const std::string& pattern) {
    watch.watch({pattern}, [this, pattern] {
      look(pattern);
      ++changes;
    });
  }
  void link(const std::string& to, const std::string& name) const {
    std::filesystem::create_symlink(to, path + "/" + name);
  }
  void move(const std::string& from, const std::string& to) const {
    std::filesystem::rename(path + "/" + from, path + "/" + to);
  }
  void make(const std::string& folder) const {
    std::filesystem::create_directories(path + "/" + folder);
  }
  /// True if what `change` does is told.
  template <class Change>
  bool tells(Change change) {
    // What came before has been told of, and what was watched because of it, too.
    io.on_thread([] {});
    std::this_thread::sleep_for(3 * settle_time);
    const int seen = changes;
    change();
    return told(seen + 1);
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
  begin(path + "/*");
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
  begin(later + "/*");
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
  begin(path + "/*");
  for (int i = 0; i < 50; ++i) {
    write("a");
  }
  CAF_CHECK(told(2));
  write("b");
  CAF_CHECK(told(3));
  CAF_CHECK_LESS(int{changes}, 6);
}

CAF_TEST(a folder that is a link is followed when the link is replaced) {
  make("releases/1");
  make("releases/2");
  write("releases/1/t.json");
  link("releases/1", "current");
  begin(path + "/current/t.json");
  CAF_CHECK(tells([&] {
    link("releases/2", "new");
    move("new", "current");
  }));
  CAF_CHECK(tells([&] { write("releases/2/t.json"); }));
}

CAF_TEST(a file that is a link is followed where it leads) {
  make("store/deep");
  write("store/deep/t.json");
  link("deep", "store/way");
  link("store/way/t.json", "one.json");
  link(path + "/one.json", "two.json");
  begin(path + "/*.json");
  CAF_CHECK(tells([&] { write("store/deep/t.json"); }));
  CAF_CHECK(tells([&] {
    make("store/other");
    link("other", "store/new");
    move("store/new", "store/way");
  }));
  CAF_CHECK(tells([&] { write("store/other/t.json"); }));
}

CAF_TEST(a mounted map of configuration is followed as kubernetes swaps it) {
  make("..1");
  write("..1/t.json");
  link("..1", "..data");
  link("..data/t.json", "t.json");
  begin(path + "/t.json");
  CAF_CHECK(tells([&] {
    make("..2");
    write("..2/t.json");
    link("..2", "..data_tmp");
    move("..data_tmp", "..data");
    std::filesystem::remove_all(path + "/..1");
  }));
  CAF_CHECK(tells([&] { write("..2/t.json"); }));
}

CAF_TEST(a folder on the way that is renamed is told) {
  make("a/b/c");
  write("a/b/c/t.json");
  make("new/c");
  begin(path + "/a/b/c/t.json");
  CAF_CHECK(tells([&] { move("a/b", "a/old"); }));
  CAF_CHECK(tells([&] { move("new", "a/b"); }));
  CAF_CHECK(tells([&] { write("a/b/c/t.json"); }));
}

CAF_TEST(what else happens on the way wakes nobody) {
  make("a");
  write("a/t.json");
  begin(path + "/a/t.json");
  CAF_CHECK(tells([&] { write("a/t.json"); }));
  std::this_thread::sleep_for(3 * settle_time);
  const int seen = changes;
  write("beside");
  write("a/beside.json");
  std::this_thread::sleep_for(3 * settle_time);
  CAF_CHECK_EQUAL(int{changes}, seen);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace folder_watch_suite
