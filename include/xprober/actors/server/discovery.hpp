#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/actors/actors.hpp"
#include "xprober/domain/backoff.hpp"

namespace xprober {

/// After its start a server says nothing of its targets until every URL was asked or has a list
/// kept from before, so that no agent drops the targets of a list that is on its way; but no longer
/// than this.
inline constexpr std::chrono::seconds first_lists_wait{15};

/// Owns the last good list of every discovered source. The network's and the kernel's threads tell
/// it that there is something new; it tells the target pool of every change, and stats. A source
/// that fails, lies or has too many targets keeps its last good list and disturbs no other.
struct discovery_state {
  static constexpr const char* name = "discovery";

  using group_list = std::vector<discovered_group>;

  /// A file or a URL.
  struct source {
    std::uint64_t id = 0;
    discovery_source_stats stats; ///< `stats.source` is its name in messages
    std::string pattern;          ///< of a file: what it was found by
    discovery_defaults defaults;
    std::shared_ptr<const group_list> groups; ///< the last good list; null: there was none yet
    std::uint64_t text_hash = 0;              ///< of that list's text
    std::uint64_t written = 0;                ///< its targets, those written twice counted twice
    // Of a URL
    bool is_url = false;
    target_url_source url;
    bool in_flight = false;
    bool tried = false;
    backoff retry{std::chrono::seconds{1}, std::chrono::seconds{60}, 2.0, 1};
  };

  discovery_actor::pointer self = nullptr;
  std::shared_ptr<discovery_io> io;
  target_pool_actor pool;
  stats_actor stats;
  discovery_config config;
  std::vector<source> sources;          ///< files, then URLs, as configured
  std::uint64_t configured_written = 0; ///< targets of the configuration itself
  std::uint64_t last_id = 0;
  std::uint64_t rescan = 0; ///< number of the armed look at the files
  bool holding = true;      ///< the pool knows nothing yet
  bool wait_armed = false;  ///< for the first lists

  /// A configuration that was judged and is not in force yet.
  struct prepared_config {
    discovery_config config;
    std::uint64_t configured_written = 0;
    std::vector<source> sources;
  };
  std::optional<prepared_config> prepared;
  bool look_after = false;                 ///< files are to be looked at once that is decided
  std::vector<fetched_list> fetched_after; ///< answers that came meanwhile

  /// Judges a configuration against the last good lists. Nothing is different until `commit`; what
  /// comes meanwhile waits for it or for `abandon`.
  pool_report prepare(const discovery_config& next);
  /// What was prepared is in force, its files are read; the error is empty.
  pool_report commit();
  /// What was prepared is forgotten.
  void abandon();
  /// The configured targets and those of all last good lists; catalog null: they do not fit
  /// together, which was logged.
  pool_config merged() const;
  void publish();
  void look_at_files();
  void arm_rescan();
  void ask(std::uint64_t id);
  void take(const fetched_list& fetched);
  void end_wait();

private:
  source* find(std::uint64_t id);
  source* find(std::string_view name, bool is_url);
  /// The sources that a configuration names now, with what is known of them. Files that are gone
  /// are among them if `keep_gone`, as long as their pattern is.
  std::vector<source> sources_of(const discovery_config& next, bool keep_gone);
  void add_files(std::vector<source>& out, const target_file_source& entry, bool keep_gone);
  source make_source(std::string name, const discovery_defaults& defaults);
  void read_files();
  /// True if the answer changed the targets of the source.
  bool accept(source& s, const read_text& answer, list_format format);
  bool use(source& s, std::vector<discovered_group> groups, std::string& error);
  void restore(source& s);
  void failed(source& s, const std::string& error);
  void ask_later(const source& s, nanoseconds wait);
  void watch_folders();
  bool all_asked() const;
  std::uint64_t written_by_sources() const;
  void release();
  void tell();
  void catch_up();
};

discovery_actor::behavior_type discovery(discovery_actor::stateful_pointer<discovery_state> self,
                                         std::shared_ptr<discovery_io> io, target_pool_actor pool,
                                         stats_actor stats);

} // namespace xprober
