#include "xprober/app/result_printer.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "xprober/app/probe_run.hpp"
#include "xprober/app/table.hpp"
#include "xprober/domain/ascii.hpp"
#include "xprober/web/fact_json.hpp"

namespace xprober::app {

namespace {

using web::json;

json text_or_null(std::string text) { return text.empty() ? json(nullptr) : json(std::move(text)); }

/// Calls `visit(column number)` for each phase of a kind.
template <class Visitor>
void for_each_phase(const probe_kind& kind, Visitor visit) {
  for (std::size_t i = 0; i < kind.columns.size(); ++i) {
    if (kind.columns[i].role == column_role::phase) {
      visit(i);
    }
  }
}

class phases final : public result_printer {
public:
  using result_printer::result_printer;

  std::vector<std::string> heading() const override {
    std::vector<std::string> names{"TARGET"};
    const auto& kind = presenter().kind();
    for_each_phase(
        kind, [&](std::size_t i) { names.push_back(">" + ascii::to_upper(kind.columns[i].key)); });
    names.insert(names.end(), {">TOTAL", "NOTES"});
    return names;
  }

  std::vector<std::string> row(const std::string& target,
                               const probe_outcome& outcome) const override {
    std::vector<std::string> cells{target};
    const auto& kind = presenter().kind();
    for_each_phase(kind, [&](std::size_t i) {
      const auto ms = shown_value(kind, outcome.values, i);
      cells.push_back(ms ? ms_text(*ms) : "-");
    });
    cells.push_back(ms_text(to_ms(outcome.duration)));
    cells.push_back(outcome.success ? presenter().remark(outcome) : error_text(outcome));
    return cells;
  }

  json object(const std::string& target, const probe_outcome& outcome) const override {
    const bool failed = outcome.error != probe_error::none;
    json line{{"target", target},
              {"address", outcome.address},
              {"success", outcome.success},
              {"error", failed ? json(to_string(outcome.error)) : json(nullptr)},
              {"detail", text_or_null(outcome.detail)}};
    line.update(facts(outcome));
    line["resolve_cached"] = outcome.resolve_cached;
    line["duration_ms"] = to_ms(outcome.duration);
    return line;
  }
};

} // namespace

json result_printer::facts(const probe_outcome& outcome) const {
  web::fact_json out;
  presenter_.facts(outcome, out);
  return out.take();
}

std::string result_printer::line(const std::string& target, const probe_outcome& outcome) const {
  auto text = target;
  if (!outcome.address.empty() && outcome.address != target) {
    text += " (" + outcome.address + ")";
  }
  text += ": ";
  const auto said = outcome.success ? presenter_.remark(outcome) : error_text(outcome);
  text += said.empty() ? "" : said + "; ";
  const auto& kind = presenter_.kind();
  for_each_phase(kind, [&](std::size_t i) {
    if (const auto ms = shown_value(kind, outcome.values, i)) {
      text += kind.columns[i].key + " " + ms_text(*ms) + " ms, ";
    }
  });
  return text + "total " + ms_text(to_ms(outcome.duration)) + " ms";
}

std::string result_printer::line(const std::string&, const echo_answer&) const { return {}; }

std::string result_printer::summary(const std::vector<const probe_outcome*>& outcomes) const {
  std::vector<double> times;
  for (const auto* outcome : outcomes) {
    if (is_good(*outcome)) {
      times.push_back(to_ms(outcome->duration));
    }
  }
  const auto all = static_cast<double>(std::max<std::size_t>(outcomes.size(), 1));
  const auto failed = outcomes.size() - times.size();
  auto text = fmt::format("{} {}, {} succeeded, {:.1f}% failed", outcomes.size(),
                          outcomes.size() == 1 ? "probe" : "probes", times.size(),
                          100 * static_cast<double>(failed) / all);
  if (!times.empty()) {
    const auto [least, most] = std::ranges::minmax(times);
    const auto mean =
        std::accumulate(times.begin(), times.end(), 0.0) / static_cast<double>(times.size());
    text += fmt::format("; total min/avg/max = {}/{}/{} ms", ms_text(least), ms_text(mean),
                        ms_text(most));
  }
  return text;
}

std::unique_ptr<result_printer> phase_printer(const kind_presenter& presenter) {
  return std::make_unique<phases>(presenter);
}

} // namespace xprober::app
