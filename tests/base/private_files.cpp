#define CAF_SUITE private_files

#include "xprober/base/private_files.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "caf/test/unit_test.hpp"

namespace private_files_suite {

using namespace xprober;

namespace {

/// A folder that goes with the test, and the umask of before it.
struct fixture {
  fixture() { std::filesystem::create_directories(path); }
  ~fixture() {
    ::umask(before);
    std::filesystem::remove_all(path);
  }

  std::string file(const std::string& name) const { return path + "/" + name; }

  std::string write(const std::string& name, const std::string& text, mode_t mode) const {
    std::ofstream{file(name)} << text;
    ::chmod(file(name).c_str(), mode);
    return file(name);
  }

  std::string read(const std::string& name) const {
    std::ifstream in{file(name)};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  mode_t mode_of(const std::string& name) const {
    struct ::stat status{};
    ::stat(file(name).c_str(), &status);
    return status.st_mode & 07777U;
  }

  mode_t before = ::umask(022);
  std::string path =
      (std::filesystem::temp_directory_path() / ("xprober-private-" + std::to_string(::getpid())))
          .string();
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(private_files_tests, fixture)

CAF_TEST(a file that is created is for its owner alone) {
  const int own = open_private_file(file("own"), O_RDWR | O_CREAT);
  CAF_REQUIRE(own >= 0);
  CAF_CHECK_EQUAL(mode_of("own"), 0600U);
  CAF_CHECK((::fcntl(own, F_GETFD) & FD_CLOEXEC) != 0);
  ::close(own);
}

CAF_TEST(a link is not followed) {
  write("elsewhere", "kept", 0644);
  std::filesystem::create_symlink(file("elsewhere"), file("link"));
  const int opened = open_private_file(file("link"), O_RDWR | O_CREAT);
  const int error = errno;
  CAF_CHECK(opened < 0);
  CAF_CHECK_EQUAL(error, ELOOP);
}

CAF_TEST(a fresh file takes the place of a link and of a file that others have open) {
  write("elsewhere", "kept", 0644);
  std::filesystem::create_symlink(file("elsewhere"), file("link"));
  std::filesystem::create_hard_link(file("elsewhere"), file("hard"));
  for (const auto* name : {"link", "hard", "new"}) {
    const int fresh = create_private_file(file(name));
    CAF_REQUIRE(fresh >= 0);
    CAF_CHECK_EQUAL(::write(fresh, "own", 3), 3);
    ::close(fresh);
    CAF_CHECK_EQUAL(mode_of(name), 0600U);
  }
  CAF_CHECK_EQUAL(read("elsewhere"), "kept");
}

CAF_TEST(what cannot be created says why) {
  const int opened = create_private_file(file("no") + "/file");
  const int error = errno;
  CAF_CHECK(opened < 0);
  CAF_CHECK_EQUAL(error, ENOENT);
}

CAF_TEST(a private process gives nobody else its files) {
  keep_files_private();
  std::ofstream{file("plain")} << "x";
  CAF_CHECK_EQUAL(mode_of("plain"), 0600U);
}

CAF_TEST(modes tell who else may touch a file) {
  CAF_CHECK(others_can_read(write("a", "x", 0644)));
  CAF_CHECK(!others_can_write(file("a")));
  CAF_CHECK(!others_can_read(write("b", "x", 0640)));
  CAF_CHECK(others_can_write(write("c", "x", 0602)));
  CAF_CHECK(!others_can_read(file("missing")));
  CAF_CHECK(!others_can_write(path));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace private_files_suite
