#define CAF_SUITE memory_limit

#include "xprober/base/memory_limit.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

#include "caf/test/unit_test.hpp"

namespace memory_limit_suite {

using namespace xprober;
namespace fs = std::filesystem;

namespace {

/// A file system of the test's own.
struct fixture {
  fixture() { fs::create_directories(root); }
  ~fixture() { fs::remove_all(root); }
  fixture(const fixture&) = delete;
  fixture& operator=(const fixture&) = delete;

  void write(const std::string& file, const std::string& text) const {
    fs::create_directories((root / file).parent_path());
    std::ofstream{root / file} << text;
  }

  std::uint64_t limit() const { return memory_limit_of_group(root); }

  fs::path root =
      fs::temp_directory_path() / ("xprober_memory_limit_" + std::to_string(::getpid()));
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(memory_limit_tests, fixture)

CAF_TEST(where nothing says so there is no limit) {
  CAF_CHECK_EQUAL(limit(), 0u);
  write("proc/self/cgroup", "0::/\n");
  CAF_CHECK_EQUAL(limit(), 0u);
  write("sys/fs/cgroup/memory.max", "max\n");
  CAF_CHECK_EQUAL(limit(), 0u);
}

CAF_TEST(the second version has one of its own and those above it) {
  write("proc/self/cgroup", "0::/system.slice/x.service\n");
  write("sys/fs/cgroup/system.slice/x.service/memory.max", "2000000\n");
  CAF_CHECK_EQUAL(limit(), 2'000'000u);
  write("sys/fs/cgroup/system.slice/memory.max", "1000000\n");
  CAF_CHECK_EQUAL(limit(), 1'000'000u);
  write("sys/fs/cgroup/system.slice/memory.max", "max\n");
  CAF_CHECK_EQUAL(limit(), 2'000'000u);
}

CAF_TEST(the first version has it below the controller) {
  write("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/x\n1:name=systemd:/x\n");
  write("sys/fs/cgroup/memory/x/memory.limit_in_bytes", "3000000\n");
  write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  CAF_CHECK_EQUAL(limit(), 3'000'000u);
  write("sys/fs/cgroup/memory/x/memory.limit_in_bytes", "9223372036854771712\n");
  CAF_CHECK_EQUAL(limit(), 0u);
}

CAF_TEST(a container sees its own group as the root) {
  write("proc/self/cgroup", "0::/docker/1f2e\n");
  write("sys/fs/cgroup/memory.max", "4000000\n");
  CAF_CHECK_EQUAL(limit(), 4'000'000u);
}

CAF_TEST(lines of no use are passed over) {
  write("proc/self/cgroup", "nonsense\n\n0::/a:b\n");
  write("sys/fs/cgroup/a:b/memory.max", "5000000\n");
  CAF_CHECK_EQUAL(limit(), 5'000'000u);
}

CAF_TEST(without any limit the machine has one) {
  CAF_CHECK_EQUAL(memory_limit_of_machine(root), 0u);
  write("proc/meminfo", "MemFree:  100 kB\nMemTotal:       1000000 kB\nCached: 5 kB\n");
  CAF_CHECK_EQUAL(memory_limit_of_machine(root), 800'000u * 1024u);
  write("proc/meminfo", "MemTotal: nonsense\n");
  CAF_CHECK_EQUAL(memory_limit_of_machine(root), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace memory_limit_suite
