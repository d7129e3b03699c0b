#include "xprober/app/probe_run.hpp"
#include "xprober/app/result_printer.hpp"
#include "xprober/app/table.hpp"

namespace xprober::app {

namespace {

using web::json;

class urls final : public result_printer {
public:
  explicit urls(const kind_presenter& presenter)
      : result_printer(presenter), status_(presenter.kind().find("status").value_or(0)),
        redirects_(presenter.kind().find("redirects").value_or(0)) {}

  std::vector<std::string> heading() const override {
    return {"URL",         ">STATUS",   ">RESOLVE", ">CONNECT",   ">TLS",
            ">PROCESSING", ">TRANSFER", ">TOTAL",   ">REDIRECTS", "ERROR"};
  }

  std::vector<std::string> row(const std::string& target,
                               const probe_outcome& outcome) const override {
    // Not from the facts: a table of many results is to cost little beside their probes.
    std::vector<std::string> cells;
    cells.reserve(10);
    const auto status = outcome.values.whole(status_).value_or(0);
    cells.push_back(target);
    cells.push_back(status == 0 ? "-" : std::to_string(status));
    const auto& kind = presenter().kind();
    for (std::size_t i = 0; i < kind.columns.size(); ++i) {
      if (kind.columns[i].role == column_role::phase) {
        const auto ms = shown_value(kind, outcome.values, i);
        cells.push_back(ms ? ms_text(*ms) : "-");
      }
    }
    cells.push_back(ms_text(to_ms(outcome.duration)));
    cells.push_back(std::to_string(outcome.values.whole(redirects_).value_or(0)));
    cells.push_back(error_text(outcome));
    return cells;
  }

  json object(const std::string& target, const probe_outcome& outcome) const override {
    const auto said = facts(outcome);
    const auto error = error_text(outcome);
    return {{"url", target},
            {"status", said.at("status").is_null() ? json(0) : said.at("status")},
            {"success", outcome.success},
            {"phases_ms", said.at("phases_ms")},
            {"redirects", said.at("redirects")},
            {"failed_phase", said.at("failed_phase")},
            {"http_version", said.at("version")},
            {"tls", said.at("tls")},
            {"address", outcome.address},
            {"resolve_cached", outcome.resolve_cached},
            {"duration_ms", to_ms(outcome.duration)},
            {"error", error.empty() ? json(nullptr) : json(error)}};
  }

private:
  std::size_t status_; ///< of the column, and likewise below
  std::size_t redirects_;
};

} // namespace

std::unique_ptr<result_printer> url_printer(const kind_presenter& presenter) {
  return std::make_unique<urls>(presenter);
}

} // namespace xprober::app
