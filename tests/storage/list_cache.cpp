#define CAF_SUITE list_cache

#include "xprober/storage/list_cache.hpp"

#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "storage/folder.hpp"

#include "caf/test/unit_test.hpp"

namespace list_cache_suite {

using xprober::storage::list_cache;

namespace {

/// While it lives this process can open so many files more.
class few_files {
public:
  explicit few_files(rlim_t more) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::close(next);
    const rlimit now{static_cast<rlim_t>(next) + more, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &now);
  }
  ~few_files() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  few_files(const few_files&) = delete;
  few_files& operator=(const few_files&) = delete;

private:
  rlimit before_{};
};

} // namespace

CAF_TEST(a text is found again by its name) {
  const xprober::test::folder folder;
  const list_cache cache{folder.path() + "/made/for/it"};
  CAF_CHECK(!cache.find("a"));
  CAF_CHECK_EQUAL(cache.keep("a", "one\ntwo"), "");
  CAF_CHECK_EQUAL(cache.keep("b", ""), "");
  const list_cache again{folder.path() + "/made/for/it"};
  CAF_CHECK_EQUAL(again.find("a").value_or("none"), "one\ntwo");
  CAF_CHECK_EQUAL(again.find("b").value_or("none"), "");
  CAF_CHECK_EQUAL(cache.keep("a", "three"), "");
  CAF_CHECK_EQUAL(again.find("a").value_or("none"), "three");
}

CAF_TEST(other names are dropped and other files are left alone) {
  const xprober::test::folder folder;
  const list_cache cache{folder.path()};
  std::ofstream{folder.file("journal.db")} << "x";
  cache.keep("a", "1");
  cache.keep("b", "2");
  CAF_CHECK((cache.names() == std::vector<std::string>{"a", "b"}));
  cache.keep_only({"b", "c"});
  CAF_CHECK(!cache.find("a"));
  CAF_CHECK(cache.find("b").has_value());
  CAF_CHECK(std::filesystem::exists(folder.file("journal.db")));
}

CAF_TEST(what cannot be written leaves the old text) {
  const xprober::test::folder folder;
  const list_cache cache{folder.path()};
  CAF_CHECK_EQUAL(cache.keep("a", "old"), "");
  {
    const xprober::test::full_disk full{16};
    CAF_CHECK(cache.keep("a", std::string(100, 'x')).find("cannot be written") !=
              std::string::npos);
  }
  CAF_CHECK_EQUAL(cache.find("a").value_or("none"), "old");
}

CAF_TEST(a list that cannot be read now is not damaged) {
  const xprober::test::folder folder;
  const list_cache cache{folder.path()};
  CAF_CHECK_EQUAL(cache.keep("a", "one"), "");
  {
    const few_files one{1}; // for the directory
    CAF_CHECK(cache.names().empty());
  }
  {
    const few_files none{0};
    CAF_CHECK(!cache.find("a"));
  }
  std::filesystem::create_directory(folder.file("discovered-0.list"));
  CAF_CHECK((cache.names() == std::vector<std::string>{"a"}));
  CAF_CHECK_EQUAL(cache.find("a").value_or("none"), "one");
  CAF_CHECK(std::filesystem::exists(folder.file("discovered-0.list")));
}

CAF_TEST(without a directory nothing is kept) {
  const list_cache cache{""};
  CAF_CHECK_EQUAL(cache.keep("a", "1"), "");
  CAF_CHECK(!cache.find("a"));
  cache.keep_only({});
}

} // namespace list_cache_suite
