#define CAF_SUITE watched_rows

#include "xprober/storage/watched_rows.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "xprober/domain/kind_table.hpp"

#include "caf/test/unit_test.hpp"

namespace watched_rows_suite {

using namespace xprober;
using namespace xprober::storage;

CAF_TEST(watched targets are read as they were written) {
  database file{database::in_memory, 1, 1};
  make_watched_table(file);
  make_watched_table(file);
  CAF_CHECK(read_watched(file).empty());
  const std::vector<watched_target> all{
      {7, 100, 200, 0},
      {9, 100, 0, 300, target_uid{"us", "db.example:5432", prober_name{"a_module"}}},
      {std::numeric_limits<std::uint64_t>::max(), 100, 1, 2,
       target_uid{"", "http://a/", kinds::http()}},
  };
  write_watched(file, all);
  auto read = read_watched(file);
  std::ranges::sort(read, {}, &watched_target::hash);
  CAF_CHECK(read == all);
  write_watched(file, {all[1]});
  CAF_CHECK(read_watched(file) == std::vector{all[1]});
}

} // namespace watched_rows_suite
