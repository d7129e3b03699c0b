#define CAF_SUITE state_directory

#include "xprober/storage/state_directory.hpp"

#include <filesystem>
#include <fstream>
#include <optional>

#include <sys/stat.h>
#include <unistd.h>

#include "storage/folder.hpp"
#include "xprober/base/log.hpp"

#include "caf/test/dsl.hpp"

namespace state_directory_suite {

using xprober::storage::state_directory;
using xprober::storage::state_directory_error;

namespace {

struct fixture {
  fixture() { xprober::log::set_level(xprober::log::level::off); }

  xprober::test::folder folder;

  /// Why a directory is refused; empty: it is taken.
  static std::string refused(const std::string& path, const std::string& role = "server") {
    try {
      const state_directory taken{path, role};
      return {};
    } catch (const state_directory_error& error) {
      return error.what();
    }
  }
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(state_directory_tests, fixture)

CAF_TEST(a directory is made where its parent is there) {
  CAF_CHECK_EQUAL(refused(folder.file("state")), "");
  CAF_CHECK(std::filesystem::is_directory(folder.file("state")));
  CAF_CHECK_EQUAL(refused(folder.file("state")), "");
  CAF_CHECK_EQUAL(refused(""), "");
}

CAF_TEST(what is no directory is refused with its name and the key) {
  std::ofstream{folder.file("file")} << "x";
  const auto of_file = refused(folder.file("file"));
  CAF_CHECK(has(of_file, "state_dir: " + folder.file("file") + ": it is a file"));
  CAF_CHECK(has(refused(folder.file("file") + "/state"), "is a file"));
  const auto missing = refused(folder.file("a") + "/b");
  CAF_CHECK(has(missing, folder.file("a") + "/b: the directory that it is in does not exist"));
  CAF_CHECK(!std::filesystem::exists(folder.file("a")));
  std::filesystem::create_symlink("nowhere", folder.file("link"));
  CAF_CHECK(has(refused(folder.file("link")), "a link to something that does not exist"));
  std::filesystem::create_directories(folder.file("state") + "/journal.db");
  CAF_CHECK(has(refused(folder.file("state")), "journal.db in it is not a file"));
}

CAF_TEST(a directory is for one process of a role and the message names it) {
  std::optional<state_directory> first;
  first.emplace(folder.path(), "server");
  const auto text = refused(folder.path());
  CAF_CHECK(has(text, "in use by another server, process " + std::to_string(::getpid())));
  CAF_CHECK_EQUAL(refused(folder.path(), "agent"), "");
  first.reset();
  CAF_CHECK_EQUAL(refused(folder.path()), "");
}

CAF_TEST(a directory is its owners alone) {
  const auto mode_of = [](const std::string& path) {
    return std::filesystem::status(path).permissions();
  };
  using std::filesystem::perms;
  const auto before = ::umask(0);
  CAF_CHECK_EQUAL(refused(folder.file("made")), "");
  CAF_CHECK(mode_of(folder.file("made")) == perms::owner_all);
  ::chmod(folder.file("made").c_str(), 0755);
  CAF_CHECK_EQUAL(refused(folder.file("made")), "");
  CAF_CHECK(mode_of(folder.file("made")) == perms::owner_all);
  CAF_CHECK((mode_of(folder.file("made") + "/server.lock") & perms::others_all) == perms::none);
  ::umask(before);
}

CAF_TEST(a directory with files of others is not taken from them) {
  std::ofstream{folder.file("letter.txt")} << "x";
  ::chmod(folder.path().c_str(), 0755);
  CAF_CHECK_EQUAL(refused(folder.path()), "");
  CAF_CHECK((std::filesystem::status(folder.path()).permissions() &
             std::filesystem::perms::others_read) != std::filesystem::perms::none);
}

CAF_TEST(links in the place of its files are not followed) {
  std::ofstream{folder.file("elsewhere")} << "x";
  std::filesystem::create_directory(folder.file("a"));
  std::filesystem::create_symlink(folder.file("elsewhere"), folder.file("a") + "/journal.db");
  CAF_CHECK(has(refused(folder.file("a")), "journal.db in it is a link"));
  std::filesystem::create_directory(folder.file("b"));
  std::filesystem::create_symlink(folder.file("elsewhere"), folder.file("b") + "/server.lock");
  CAF_CHECK(has(refused(folder.file("b")), "server.lock in it cannot be opened"));
}

CAF_TEST(files of the other role are no reason to refuse) {
  std::filesystem::create_directory(folder.file("journal.db"));
  CAF_CHECK_EQUAL(refused(folder.path(), "agent"), "");
  CAF_CHECK(has(refused(folder.path()), "journal.db in it is not a file"));
  std::filesystem::create_directory(folder.file("spool.db"));
  CAF_CHECK(has(refused(folder.path(), "agent"), "spool.db in it is not a file"));
  CAF_MESSAGE("a refusal keeps no lock");
  std::filesystem::remove(folder.file("journal.db"));
  CAF_CHECK_EQUAL(refused(folder.path()), "");
}

CAF_TEST(a disk that takes nothing is no reason to refuse) {
  const xprober::test::full_disk full{0};
  CAF_CHECK_EQUAL(refused(folder.path()), "");
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace state_directory_suite
