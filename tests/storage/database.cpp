#define CAF_SUITE database

#include "xprober/storage/database.hpp"

#include <filesystem>
#include <optional>
#include <string>

#include "storage/damaged_file.hpp"
#include "storage/folder.hpp"

#include "caf/test/dsl.hpp"

namespace database_suite {

using namespace xprober::storage;
namespace fs = std::filesystem;

namespace {

struct fixture {
  xprober::test::folder folder;
  std::string directory = folder.file("state");
  std::string path = directory + "/x.db";
  std::optional<database> subject;

  fixture() {
    fs::create_directory(directory);
    subject.emplace(path, 1, 1);
    subject->run("CREATE TABLE t(text); INSERT INTO t VALUES(zeroblob(50000))");
  }

  /// What is said of its place; nothing: it is there.
  std::optional<database_error> place_error() {
    try {
      subject->check_place();
    } catch (const database_error& error) {
      return error;
    }
    return std::nullopt;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(database_tests, fixture)

CAF_TEST(a file that cannot be looked at is not gone) {
  CAF_CHECK(!place_error());
  fs::rename(directory, folder.file("away"));
  fs::create_symlink("state", directory); // to itself
  const auto unknown = place_error();
  CAF_REQUIRE(unknown);
  CAF_CHECK(!unknown->gone());
  CAF_CHECK(!unknown->damaged());
  fs::remove(directory);
  const auto missing = place_error();
  CAF_REQUIRE(missing);
  CAF_CHECK(missing->gone());
  fs::rename(folder.file("away"), directory);
  CAF_CHECK(!place_error());
}

CAF_TEST(a link in the place of a file is not followed and one on the way to it is) {
  fs::create_directory(folder.file("real"));
  fs::create_directory_symlink("real", folder.file("way"));
  {
    const database made{folder.file("way") + "/file.db", 7, 1};
  }
  CAF_CHECK(fs::exists(folder.file("real") + "/file.db"));
  fs::create_symlink("file.db", folder.file("real") + "/link.db");
  bool refused = false;
  try {
    const database linked{folder.file("real") + "/link.db", 7, 1};
  } catch (const database_error& error) {
    refused = true;
    CAF_CHECK(!error.damaged()); // nothing is set aside for it
  }
  CAF_CHECK(refused);
}

CAF_TEST(a file that was removed or replaced is gone) {
  fs::copy_file(path, folder.file("copy"));
  fs::rename(folder.file("copy"), path);
  CAF_REQUIRE(place_error());
  CAF_CHECK(place_error()->gone());
  fs::remove(path);
  CAF_CHECK(place_error()->gone());
}

CAF_TEST(a file is whole where all of it can be read) {
  subject.reset();
  CAF_CHECK(database::is_whole(path, 1, 1));
  CAF_CHECK(!database::is_whole(path, 1, 2));
  xprober::test::overwrite(path, fs::file_size(path) - 2000, "damage");
  CAF_CHECK(!database::is_whole(path, 1, 1));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace database_suite
