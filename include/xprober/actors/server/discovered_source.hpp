#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "xprober/actors/snapshot.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/domain/targets/discovery_io.hpp"

namespace xprober {

/// A file or a URL, with its last good list. One that fails, lies or has too many targets keeps
/// that list; only its counts change.
struct discovered_source {
  using group_list = std::vector<discovered_group>;

  std::uint64_t id = 0;         ///< no other source had or will have it
  discovery_source_stats stats; ///< `stats.source` is its name in messages
  std::string pattern;          ///< of a file: what it was found by
  discovery_defaults defaults;
  bool is_url = false;
  target_url_source url;                    ///< of a URL
  bool tried = false;                       ///< of a URL: it has answered, or not, at least once
  std::shared_ptr<const group_list> groups; ///< the last good list; null: there was none yet
  std::uint64_t text_hash = 0;              ///< of that list's text
  std::uint64_t written = 0;                ///< its targets, those written twice counted twice
  left_out bad_labels;                      ///< of that list

  /// What was read or fetched. A new list that can be used becomes the last good one and is kept
  /// for the next start. True if the targets have changed.
  bool accept(const read_text& answer, discovery_io& io, const target_room& room);

  /// Without a list, the one that was kept at the time before the start becomes it, if it can be
  /// used.
  void restore(discovery_io& io, const target_room& room);

  /// Counts the targets of the last good list as they are now that other defaults or another limit
  /// are in force. What does not fit; empty: everything.
  std::string measure(const target_room& room);

private:
  list_format format() const noexcept;
  std::string use(const group_list& list, const left_out& labels, const target_room& room);
  bool parse_and_use(const read_text& text, discovery_io& io, const target_room& room,
                     std::string& error);
  void failed(const std::string& error);
};

} // namespace xprober
