#include "xprober/app/probe_run.hpp"
#include "xprober/app/result_printer.hpp"
#include "xprober/app/table.hpp"

namespace xprober::app {

namespace {

using web::json;

class urls final : public result_printer {
public:
  using result_printer::result_printer;

  std::vector<std::string> heading() const override {
    return {"URL",         ">STATUS",   ">RESOLVE", ">CONNECT",   ">TLS",
            ">PROCESSING", ">TRANSFER", ">TOTAL",   ">REDIRECTS", "ERROR"};
  }

  std::vector<std::string> row(const std::string& target,
                               const probe_outcome& outcome) const override {
    const auto said = facts(outcome);
    const auto& status = said.at("status");
    std::vector<std::string> cells{target, status.is_null() ? "-" : status.dump()};
    for (const auto& ms : said.at("phases_ms")) {
      cells.push_back(ms.is_null() ? "-" : ms_text(ms.get<double>()));
    }
    cells.push_back(ms_text(to_ms(outcome.duration)));
    cells.push_back(said.at("redirects").dump());
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
};

} // namespace

std::unique_ptr<result_printer> url_printer(const kind_presenter& presenter) {
  return std::make_unique<urls>(presenter);
}

} // namespace xprober::app
