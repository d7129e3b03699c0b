#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "xprober/actors/messages/server.hpp"
#include "xprober/domain/history/histogram_set.hpp"

namespace xprober {

/// Native histograms of what the history reads. They begin with the process and are on no disk. A
/// record counts at most once, also where the history reads it again, and none does that was in the
/// journal when the history first came to it: it counted in the process that was.
class history_histograms {
public:
  /// Forgotten are those of which nothing has come for so long: it is longer than results are
  /// mostly apart, and whoever is shown them looks at `quiet` or at the store.
  static constexpr std::chrono::minutes longest_quiet{60};

  /// The history is going to read a journal whose newest record is `last_id`.
  void begin(const std::string& journal, std::uint64_t last_id);
  /// Whether a record of that journal counts; from now on it does not.
  bool take(std::uint64_t id);

  /// That of a subject, see `histogram_set::find`; a probe for which there is none counts as
  /// omitted.
  native_histogram* find(const history_subject& of, monotonic_time now, std::int64_t unix_ms);

  /// Forgets what is quiet. `reading`: the history takes in what comes; else nobody can be heard.
  void tend(monotonic_time now, bool reading);

  histogram_list all(monotonic_time now) const;
  std::uint64_t size() const noexcept { return set_.size(); }
  std::uint64_t omitted() const noexcept { return omitted_; } ///< probes, since the start

private:
  histogram_set set_;
  /// What has counted of each journal: there is another one only where its file was replaced.
  std::map<std::string, std::uint64_t> counted_;
  std::uint64_t* through_ = nullptr; ///< of the journal that is read
  std::uint64_t omitted_ = 0;
  bool warned_ = false;
};

} // namespace xprober
