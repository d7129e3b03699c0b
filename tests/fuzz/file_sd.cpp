// Lists of targets in Prometheus's form. The first byte says whether JSON or YAML, from a file or a
// URL.

#include "fuzz/support/fuzz.hpp"
#include "xprober/config/discovered.hpp"

namespace xprober::fuzz_file_sd {

namespace {

using namespace fuzz;

void check_list(const discovered_list& list, std::size_t size) {
  require(list.error.find('\n') == std::string::npos, "an error is one line");
  require(list.ok() || list.error.starts_with("f:"), "an error names the place");
  require(list.bad.named.size() <= left_out::max_named, "only the first are named");
  require(list.bad.named.size() <= list.bad.count, "each that is named is counted");
  std::size_t targets = 0;
  for (const auto& group : list.groups) {
    targets += group.targets.size();
    std::size_t kept = 0;
    for (const auto& [name, value] : group.labels) {
      kept += label_has_meaning(name) ? 0 : 1;
      require(value.size() <= max_source_regions_bytes, "a label is no longer than it may be");
    }
    require(kept <= max_group_labels, "no more labels than are kept");
  }
  require(list.groups.size() + targets <= size, "a target takes a byte at least");
}

} // namespace

XPROBER_FUZZ(file_sd) {
  if (bytes.size() > 16 * 1024) {
    return;
  }
  input in{bytes};
  constexpr list_format formats[] = {list_format::json_file, list_format::yaml_file,
                                     list_format::json_url};
  const auto format = formats[in.below(std::size(formats))];
  const auto list = config::parse_discovered(in.rest(), "f", format);
  check_list(list, in.rest().size());
  // A key that is not known is a URL's own matter, and makes a group of a file unusable.
  const bool faultless = list.ok() && list.bad.count == 0;
  if (format == list_format::json_file && faultless) {
    const auto other = config::parse_discovered(in.rest(), "f", list_format::json_url);
    require(other.ok() && other.groups == list.groups, "a list of a file is one of a URL");
  }
  const std::string pattern{in.rest().substr(0, 200)};
  if (config::check_list_pattern(pattern).empty()) {
    require(std::ranges::count(pattern, '*') <= 1, "a pattern has one '*' at most");
  }
}

} // namespace xprober::fuzz_file_sd
