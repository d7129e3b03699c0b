#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/probes/ad_hoc.hpp"
#include "xprober/probes/presenter.hpp"
#include "xprober/web/json.hpp"

namespace xprober::app {

/// How a command shows what it probed: a table with a row for each probe, or a JSON object for
/// each.
class result_printer {
public:
  explicit result_printer(const kind_presenter& presenter) : presenter_(presenter) {}
  virtual ~result_printer() = default;

  /// As `table` takes it.
  virtual std::vector<std::string> heading() const = 0;
  virtual std::vector<std::string> row(const std::string& target,
                                       const probe_outcome& outcome) const = 0;
  virtual web::json object(const std::string& target, const probe_outcome& outcome) const = 0;

  /// A result as it comes, for people: "a:1 (192.0.2.1): connect 0.22 ms, total 0.30 ms".
  virtual std::string line(const std::string& target, const probe_outcome& outcome) const;
  /// The same of an answered echo. Empty: such results have none of their own.
  virtual std::string line(const std::string& target, const echo_answer& answer) const;
  /// True where a kind has results before a probe ends, of which `line` tells.
  virtual bool has_echoes() const { return false; }
  /// What came of all probes of a target, in a line.
  virtual std::string summary(const std::vector<const probe_outcome*>& outcomes) const;

  /// What the exit status speaks of.
  virtual bool is_good(const probe_outcome& outcome) const { return outcome.success; }

protected:
  const kind_presenter& presenter() const noexcept { return presenter_; }
  /// What the presenter says of the outcome.
  web::json facts(const probe_outcome& outcome) const;

private:
  const kind_presenter& presenter_;
};

/// For a kind with phases: their times, and the presenter's facts.
std::unique_ptr<result_printer> phase_printer(const kind_presenter& presenter);
/// As `xprober http` has it: `url`, `status`, `redirects`.
std::unique_ptr<result_printer> url_printer(const kind_presenter& presenter);
/// As `xprober ping` has it: echoes of so many bytes of payload, their times, and what was odd.
std::unique_ptr<result_printer> echo_printer(const kind_presenter& presenter,
                                             std::size_t payload = 0);

} // namespace xprober::app
