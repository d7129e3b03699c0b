#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace xprober::service_discovery {

/// What matters in one folder.
struct watched_folder {
  std::set<std::string, std::less<>> names; ///< these entries
  bool all = false;                         ///< every entry; `names` is empty
  bool content = false; ///< what is written into them, too; else only which they are
  bool needed = false;  ///< not watching it misses changes that people make

  bool operator==(const watched_folder&) const = default;
};

/// By the folders' paths, which have no links in them.
using watch_plan = std::map<std::string, watched_folder>;

/// Every folder on the way to the files that `patterns` stand for. A path is followed as the kernel
/// does it, through links to where they lead: whichever link, folder or file on the way is replaced
/// decides what is read. Where a part of the way is missing, the folder that it would be in is the
/// last one. Looks into the file system, and so may block.
watch_plan plan_watch(const std::vector<std::string>& patterns);

} // namespace xprober::service_discovery
