#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/domain/facts.hpp"
#include "xprober/domain/kind.hpp"
#include "xprober/domain/probe_result.hpp"
#include "xprober/probes/ad_hoc.hpp"

namespace xprober {

/// Takes the gauges of one probe, as `/probe` answers them: a family, then its samples.
class gauge_sink {
public:
  virtual ~gauge_sink() = default;
  using labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  virtual void family(std::string_view name, std::string_view help) = 0;
  virtual void sample(double value, labels of) = 0;
  /// A family with one sample and no label.
  void single(std::string_view name, std::string_view help, double value) {
    family(name, help);
    sample(value, {});
  }
};

/// A column's value as a double with the shortest decimal text: 0.1 and not 0.10000000149011612.
/// Nothing where it was not measured.
std::optional<double> shown_value(const probe_kind& kind, const column_values& values,
                                  std::size_t column);

/// How the outcomes of a kind are shown by the agent's own pages, by `/probe` and by the command of
/// its name. What it does not override is made from the kind's columns, so that a kind needs none.
/// Has no state; usable from every thread.
class kind_presenter {
public:
  explicit kind_presenter(const probe_kind& kind) : kind_(kind) {}
  virtual ~kind_presenter() = default;

  const probe_kind& kind() const noexcept { return kind_; }

  /// The object below the kind's name in `/targets/{uid}`, and the kind's own keys of
  /// `xprober KIND --json`.
  virtual void facts(const probe_outcome& outcome, fact_sink& out) const;

  /// The kind's own metrics of `/probe`.
  virtual void gauges(const probe_outcome& outcome, const probe_story& story,
                      gauge_sink& out) const;

  /// The kind's own metrics of a target in `/metrics`. A family has the same meaning with every
  /// kind.
  virtual void target_gauges(const probe_outcome& outcome, gauge_sink& out) const;

  /// The phase in which a probe failed: a phase column's key. Empty for a success, and where the
  /// phases are not what failed.
  virtual std::string_view failed_phase(const probe_outcome& outcome) const;

  /// A success in a line, for tables: "status 200, resolve 0.10, connect 0.22 ms".
  virtual std::string summary(const probe_outcome& outcome) const;

  /// What is to be said of a success beside the numbers that every kind has: "status 200". Empty:
  /// nothing.
  virtual std::string remark(const probe_outcome& outcome) const;

protected:
  /// The family of the phases' conventional metric with those that were completed.
  void put_phase_gauges(const probe_outcome& outcome, std::string_view help, gauge_sink& out) const;

private:
  const probe_kind& kind_;
};

} // namespace xprober
