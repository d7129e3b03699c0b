#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/actors/messages/server.hpp"
#include "xprober/actors/server/discovered_source.hpp"

namespace xprober {

/// All sources that a configuration names, and what they come to together with its own targets. No
/// source disturbs another one.
class discovered_sources {
public:
  explicit discovered_sources(std::shared_ptr<discovery_io> io) : io_(std::move(io)) {}

  /// What a configuration that is in force came to.
  struct outcome {
    pool_report report;                  ///< without an error
    std::vector<std::uint64_t> urls;     ///< all that there are, by number
    std::vector<std::uint64_t> new_urls; ///< to be asked: new, or with other settings than before
  };

  /// Judges a configuration: the lists at hand must fit it, or targets would go that nobody wants
  /// to go. Nothing is different until `commit`, before which no list may change.
  pool_report prepare(const discovery_config& next);
  /// Puts into force what was prepared and reads its files; without that nothing changes.
  outcome commit();
  /// Forgets what was prepared.
  void abandon() { prepared_.reset(); }
  bool is_prepared() const noexcept { return prepared_.has_value(); }

  /// Looks which files there are and reads them. A file that is gone is kept as long as its pattern
  /// is. True if the targets have changed.
  bool read_files();

  /// The URL with this number; null: it is gone, or asked under another number by now.
  const discovered_source* find(std::uint64_t id) const;

  /// A URL that is there has answered, or not. True if its targets have changed.
  bool take(std::uint64_t id, const read_text& answer);

  /// False while a URL was never asked and has no list kept from before.
  bool all_asked() const;

  /// The configured targets and those of all last good lists; `catalog` null: they do not fit
  /// together, which was logged.
  pool_config merged() const;

  /// Files, then URLs, as configured.
  discovery_stats stats() const;

  const discovery_config& config() const noexcept { return config_; }

private:
  const discovered_source* find(std::string_view name, bool is_url) const;
  /// The sources that a configuration names now, with what is known of them. Files that are gone
  /// are among them if `keep_gone`, as long as their pattern is.
  std::vector<discovered_source> sources_of(const discovery_config& next, bool keep_gone);
  void add_files(std::vector<discovered_source>& out, const target_file_source& entry,
                 bool keep_gone);
  discovered_source make_source(std::string name);
  bool accept_file(discovered_source& s);
  /// For one source, beside all others.
  target_room room_for(const discovered_source& s) const;
  std::uint64_t written_by_sources() const;

  /// A configuration that was judged and is not in force yet.
  struct prepared_config {
    discovery_config config;
    std::uint64_t configured_written = 0;
    std::vector<discovered_source> sources;
  };

  std::shared_ptr<discovery_io> io_;
  std::optional<prepared_config> prepared_;
  discovery_config config_;
  std::vector<discovered_source> sources_; ///< files, then URLs, as configured
  std::uint64_t configured_written_ = 0;   ///< targets of the configuration itself
  std::uint64_t last_id_ = 0;
};

} // namespace xprober
