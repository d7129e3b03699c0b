#pragma once

// Prometheus remote write 1.0 (https://prometheus.io/docs/specs/prw/remote_write_spec/): requests
// out of the journal's records.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "xprober/domain/kind_series.hpp"
#include "xprober/domain/wire/batch_parser.hpp"
#include "xprober/domain/wire/record.hpp"
#include "xprober/domain/wire/series_check.hpp"
#include "xprober/remote_write/label_sets.hpp"
#include "xprober/remote_write/request_writer.hpp"
#include "xprober/remote_write/sent_samples.hpp"

namespace xprober {

struct remote_write_options {
  std::map<std::string, std::string> labels; ///< added to every series; none of the program's own
  bool conventional_names = true;            ///< `probe_success` and so on beside the old ones
  std::size_t max_samples = 10'000;          ///< of one request
};

/// Makes requests out of records, in the order of the records.
///
/// A request has at most one sample of a series. So a request that was taken over, and is sent
/// again because its answer got lost, repeats the newest samples only, which receivers accept. A
/// sample that is older than one of its series sent before would make a receiver refuse the whole
/// request: it is left out and counted as late; one of the same time is left out.
///
/// A request ends behind the probe that reaches `max_samples`, whose samples stay together.
///
/// A kind is known from the record alone: its kept columns go out, and those that have an old name,
/// under the names of `series_of`. What is no measurement becomes a stale marker: a latency of -1,
/// a phase that was not completed, whatever a failed probe or the one after a measured value did
/// not measure. So the last measured value does not linger, and none enters a mean. The prober's
/// own fault says nothing of the target, and nothing is sent of it. Rows that the store refuses are
/// left out.
///
/// A series carries its target's labels, which win over those of `options`. Where they change, the
/// series under the old ones end with stale markers before the first sample under the new ones.
class remote_write_encoder {
public:
  explicit remote_write_encoder(remote_write_options options);

  /// The targets' labels from now on; null: none has any.
  void set_labels(target_labels_ptr labels);

  /// Begins with a record; `received_ms` is the time of values without a stamp. Returns what is
  /// wrong with it: nothing of it can be sent then. `rows`: so many of it were dealt with before.
  std::string load(record_kind kind, std::string_view bytes, std::int64_t received_ms,
                   std::uint64_t rows);

  /// Adds what the request has room for. False: the request is to be sent before there is room
  /// again. True: the record is at its end.
  bool fill();

  /// Rows of the record that are in requests or were left out, and their values.
  std::uint64_t rows_done() const noexcept { return rows_done_; }

  std::size_t samples() const noexcept { return writer_.samples(); }
  /// Since the last `take`: values (see `count_values`) that are in the request (or at the receiver
  /// already), and values that were left out.
  std::uint64_t values() const noexcept { return values_; }
  std::uint64_t late() const noexcept { return late_; }

  /// Puts the request, not yet compressed, into `out`, and begins the next one in what `out` had: a
  /// request takes no fresh memory then.
  void take(std::string& out);

private:
  /// The series of a kind that go out.
  using plan = std::vector<kind_series>;

  bool fill_rows();
  bool fill_values();
  bool fill_ended();
  bool stamp(std::int64_t unix_ms);
  bool select(const written_names& names, std::uint32_t extra) {
    return writer_.select(names, label_sets_.at(extra));
  }
  const plan& plan_of(const probe_kind& kind);
  void add_row(const batch_row& row, const probe_kind& kind, std::uint32_t told_before);
  void add_number(const kind_series& series, const probe_kind& kind, double value);
  void add_value(std::string_view metric, float value);
  void end_all(const probe_kind& kind);

  remote_write_options options_;
  remote_label_sets label_sets_;
  request_writer writer_;
  sent_samples sent_;
  std::uint64_t values_ = 0;
  std::uint64_t late_ = 0;
  bool holds_old_ = false; ///< the request: samples that some receivers are going to refuse
  // the record
  record_kind kind_ = record_kind::batch;
  std::uint64_t rows_done_ = 0;
  std::int64_t received_ms_ = 0;
  std::string body_;
  std::unique_ptr<batch_parser> batch_;
  std::unique_ptr<batch_judge> judge_; ///< of `batch_`
  batch_row row_;
  bool row_held_ = false; ///< `row_` was read and is not dealt with
  std::vector<wire_value> read_values_;
  std::vector<ended_series> ended_;
  /// Of the record's kinds, which live as long as it.
  std::unordered_map<const probe_kind*, plan> plans_;
};

} // namespace xprober
