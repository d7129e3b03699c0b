#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>

namespace xprober::web {

/// The content type of what `prometheus_text` writes.
inline constexpr std::string_view prometheus_content_type =
    "text/plain; version=0.0.4; charset=utf-8";

enum class metric_type { counter, gauge, summary };

/// A label of a series. Names must be valid label names; values may be any bytes.
struct metric_label {
  std::string_view name;
  std::string_view value;
};

/// Writes the Prometheus text format 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/): families one after the other,
/// each with HELP and TYPE before its series. A family without a series leaves nothing behind.
class prometheus_text {
public:
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

  /// A family with a single series without labels.
  void single(std::string_view name, metric_type type, std::string_view help, double value);

  /// Appends what another writer has of one family; throws as `family` does.
  void append(prometheus_text&& other);

  /// The whole text; empty or ending in a line feed. Leaves the writer empty.
  std::string take();

private:
  std::string text_;
  std::string header_; ///< of the current family, until its first series
  std::string name_;
  std::string labels_; ///< of the current series; a member for its capacity
  std::unordered_set<std::string> families_;
  std::unordered_set<std::uint64_t> series_; ///< hashes of the current family's labels
};

} // namespace xprober::web
