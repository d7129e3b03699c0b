#define CAF_SUITE list_cache

#include "xprober/storage/list_cache.hpp"

#include <fstream>

#include "storage/folder.hpp"

#include "caf/test/unit_test.hpp"

namespace list_cache_suite {

using xprober::storage::list_cache;

CAF_TEST(a text is found again by its name) {
  const test::folder folder;
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
  const test::folder folder;
  const list_cache cache{folder.path()};
  std::ofstream{folder.file("journal.db")} << "x";
  cache.keep("a", "1");
  cache.keep("b", "2");
  cache.keep_only({"b", "c"});
  CAF_CHECK(!cache.find("a"));
  CAF_CHECK(cache.find("b").has_value());
  CAF_CHECK(std::filesystem::exists(folder.file("journal.db")));
}

CAF_TEST(what cannot be written leaves the old text) {
  const test::folder folder;
  const list_cache cache{folder.path()};
  CAF_CHECK_EQUAL(cache.keep("a", "old"), "");
  {
    const test::full_disk full{16};
    CAF_CHECK(cache.keep("a", std::string(100, 'x')).find("cannot be written") !=
              std::string::npos);
  }
  CAF_CHECK_EQUAL(cache.find("a").value_or("none"), "old");
}

CAF_TEST(without a directory nothing is kept) {
  const list_cache cache{""};
  CAF_CHECK_EQUAL(cache.keep("a", "1"), "");
  CAF_CHECK(!cache.find("a"));
  cache.keep_only({});
}

} // namespace list_cache_suite
