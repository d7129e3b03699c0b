#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "xprober/domain/history/histogram_set.hpp"

namespace xprober {

/// Makes requests of remote write out of native histograms, in rounds: the first sample of a
/// series, then one in each round in which it has changed, and of the others one a minute, so that
/// receivers do not take them for gone. One of which nothing is heard for five minutes, or that is
/// there no more, ends with a stale marker; when it changes again it goes on.
///
/// Histograms only grow. So a round that was not taken is not repeated: the next has all of it.
class histogram_encoder {
public:
  /// A request of a round, not yet compressed.
  struct request {
    std::string bytes;
    std::uint64_t series = 0;
  };

  static constexpr std::int64_t repeat_ms = 60'000;
  static constexpr std::chrono::minutes longest_quiet{5};

  /// `labels` are added to every series; the series' own win. `began_unix_ms`: a histogram that
  /// began to count later and was never sent begins with a reset. A request has at most `most`
  /// series.
  histogram_encoder(std::map<std::string, std::string> labels, std::size_t most,
                    std::int64_t began_unix_ms);

  /// The requests of a round: what is to be sent of `all`, each with `unix_ms` as its time.
  std::vector<request> begin_round(const std::vector<histogram_series>& all, std::int64_t unix_ms);
  /// How the round ended: whether all of its requests were taken.
  void end_round(bool taken);

private:
  struct sent {
    std::uint64_t count = 0; ///< when it was sent last
    std::int64_t created_unix_ms = 0;
    std::int64_t unix_ms = 0;  ///< likewise; 0: it is due
    std::uint64_t written = 0; ///< the round
    std::uint64_t seen = 0;    ///< the last round in which it was there
    bool ended = false;
  };
  /// By the whole text of its labels, encoded.
  using sent_series = std::unordered_map<std::string, sent>;

  std::string labels_of(const history_subject& subject) const;
  void add(std::vector<request>& requests, std::string_view labels,
           std::string_view histogram) const;
  void add_known(std::vector<request>& requests, const sent_series::iterator& known,
                 const histogram_series& one, bool fresh, std::int64_t unix_ms);
  void end_missing(std::vector<request>& requests, std::int64_t unix_ms);

  std::map<std::string, std::string> labels_;
  std::size_t most_;
  std::int64_t began_unix_ms_;
  sent_series sent_;
  std::uint64_t round_ = 0;
};

} // namespace xprober
