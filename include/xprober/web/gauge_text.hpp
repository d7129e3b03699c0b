#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/probes/presenter.hpp"
#include "xprober/web/prometheus_text.hpp"

namespace xprober::web {

/// Writes the gauges of many probes: each family once, with the series of all of them, in the order
/// in which the families came first.
class gauge_text final : public gauge_sink {
public:
  /// `format`: that of the writer that they are appended to.
  explicit gauge_text(metric_format format = metric_format::text) : format_(format) {}

  /// The labels that every series from now on has before its own; what they refer to outlives it.
  void set_common(std::vector<metric_label> common) { common_ = std::move(common); }

  void family(std::string_view name, std::string_view help) override;
  void sample(double value, labels of) override;

  /// Appends all families to `out`.
  void append_to(prometheus_text& out);

private:
  metric_format format_;
  std::vector<metric_label> common_;
  std::vector<prometheus_text> families_;
  std::map<std::string, std::size_t, std::less<>> places_; ///< in `families_`
  std::size_t current_ = 0;
  std::vector<metric_label> labels_; ///< of the current series; a member for its capacity
};

} // namespace xprober::web
