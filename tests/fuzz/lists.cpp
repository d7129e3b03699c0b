// Target lists and their changes as a state file has them.

#include "fuzz/support/fuzz.hpp"
#include "xprober/domain/targets/target_list_codec.hpp"
#include "xprober/domain/targets/target_set.hpp"

namespace xprober::fuzz_lists {

namespace {

using namespace fuzz;

void check_list(std::string_view bytes) {
  target_list list;
  std::string revision;
  if (!decode_target_list(bytes, list, revision)) {
    return;
  }
  require(list.size() + count_targets(list) <= bytes.size(), "a target takes a byte at least");
  const auto written = encode_target_list(list, revision);
  target_list again;
  std::string revision_again;
  require(decode_target_list(written, again, revision_again) && again == list &&
              revision_again == revision,
          "a list is the same after it was written and read");
  require(parse_revision(list_revision(list)) == set_hash(list), "a revision can be read");
}

void check_change(std::string_view bytes) {
  list_change change;
  if (!decode_list_change(bytes, change)) {
    return;
  }
  const auto written =
      encode_list_change(change.base, change.revision, change.added, change.removed);
  list_change again;
  require(decode_list_change(written, again) && again == change,
          "a change is the same after it was written and read");
  auto list = change.removed;
  apply_difference(list, change.added, change.removed);
  require(count_targets(list) <= count_targets(change.removed) + count_targets(change.added),
          "a change adds no more than it names");
}

} // namespace

XPROBER_FUZZ(lists) {
  check_list(bytes);
  check_change(bytes);
}

} // namespace xprober::fuzz_lists
