#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>

#include "xprober/domain/history/native_histogram.hpp"

namespace xprober::web {

/// The content types of what `prometheus_text` writes.
inline constexpr std::string_view prometheus_content_type =
    "text/plain; version=0.0.4; charset=utf-8";
inline constexpr std::string_view protobuf_content_type =
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

/// How families are written.
enum class metric_format : std::uint8_t { text, protobuf };

constexpr std::string_view content_type_of(metric_format format) noexcept {
  return format == metric_format::protobuf ? protobuf_content_type : prometheus_content_type;
}

enum class metric_type { counter, gauge, summary, histogram };

/// A label of a series. Names must be valid label names; values may be any bytes.
struct metric_label {
  std::string_view name;
  std::string_view value;
};

/// Writes families of metrics one after the other as Prometheus reads them
/// (https://prometheus.io/docs/instrumenting/exposition_formats/): in the text format 0.0.4, each
/// with HELP and TYPE before its series, or as protobuf messages (see metric_message.hpp), which
/// have native histograms, too. A family without a series leaves nothing behind.
class prometheus_text {
public:
  explicit prometheus_text(metric_format format = metric_format::text) : format_(format) {}

  metric_format format() const noexcept { return format_; }

  /// Begins a family. Throws `std::logic_error` when the name was used before: its series would
  /// stand in two groups, which no reader accepts.
  void family(std::string_view name, metric_type type, std::string_view help);

  /// True for the name of a family that was begun.
  bool has_family(std::string_view name) const { return families_.contains(std::string{name}); }

  /// One series of the family begun last. Returns false, and writes nothing, for labels that the
  /// family had before. Must not be called before `family`.
  bool sample(double value, std::initializer_list<metric_label> labels = {}) {
    return sample(value, std::span{labels.begin(), labels.size()});
  }
  bool sample(double value, std::span<const metric_label> labels);

  /// A native histogram as one series of the family begun last; `created_unix_ms`: when it began to
  /// count. The text format has no form for it: nothing is written there. False as `sample`.
  bool histogram(const native_histogram& value, std::int64_t created_unix_ms,
                 std::span<const metric_label> labels);

  /// A family with a single series without labels.
  void single(std::string_view name, metric_type type, std::string_view help, double value);

  /// Appends what another writer of the same format has of one family; throws as `family` does.
  void append(prometheus_text&& other);

  /// All that was written; a text is empty or ends in a line feed. Leaves the writer empty.
  std::string take();

private:
  bool begin_series(std::span<const metric_label> labels);
  void end_family();

  metric_format format_;
  metric_type type_ = metric_type::gauge; ///< of the current family
  std::string text_;
  std::string family_; ///< the current one as a message, with its length still to be written
  std::string header_; ///< of the current family, until its first series
  std::string name_;
  std::string labels_; ///< of the current series; a member for its capacity
  std::unordered_set<std::string> families_;
  std::unordered_set<std::uint64_t> series_; ///< hashes of the current family's labels
};

} // namespace xprober::web
