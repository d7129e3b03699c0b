#include "xprober/probes/http/presenter.hpp"

#include <chrono>

#include "xprober/domain/kind_table.hpp"
#include "xprober/probes/http/summary.hpp"
#include "xprober/probes/stream/tls_presenter.hpp"

namespace xprober::http {

namespace {

namespace column = kinds::http_column;

double seconds(nanoseconds time) { return std::chrono::duration<double>(time).count(); }

std::optional<std::int64_t> unless_zero(std::int64_t value) {
  return value == 0 ? std::nullopt : std::optional{value};
}

void put_phases(const http_story& story, gauge_sink& out) {
  out.family("probe_http_duration_seconds",
             "Duration of http request by phase, summed over all redirects");
  for (std::size_t i = 0; i < http_phase_count; ++i) {
    if (story.phases[i]) {
      out.sample(seconds(*story.phases[i]), {{"phase", to_string(static_cast<http_phase>(i))}});
    }
  }
}

} // namespace

presenter::presenter() : kind_presenter(kinds::http()) {}

void presenter::facts(const probe_outcome& outcome, fact_sink& out) const {
  const auto http = read_summary(outcome);
  const auto failed = failed_phase(outcome);
  out.text("failed_phase", failed.empty() ? std::nullopt : std::optional{failed});
  out.whole("status", unless_zero(http.status));
  const auto version = http_version_text(http.version);
  out.text("version", http.version == 0 ? std::nullopt : std::optional<std::string_view>{version});
  out.whole("redirects", http.redirects);
  out.whole("body_bytes", static_cast<std::int64_t>(http.body_bytes));
  out.whole("cert_expiry_unix", unless_zero(http.cert_expiry_unix));
  if (http.tls) {
    out.begin("tls");
    stream::put_tls_facts(*http.tls, out);
    out.end();
  } else {
    out.nothing("tls");
  }
  out.begin("phases_ms");
  for (std::size_t i = 0; i < http_phase_count; ++i) {
    out.number(to_string(static_cast<http_phase>(i)),
               shown_value(kind(), outcome.values, column::first_phase + i));
  }
  out.end();
}

void presenter::gauges(const probe_outcome& outcome, const probe_story& story,
                       gauge_sink& out) const {
  const auto http = read_summary(outcome);
  const auto* told = dynamic_cast<const http_story*>(story.more.get());
  const http_story more = told != nullptr ? *told : http_story{};
  const bool by_regex =
      outcome.error == probe_error::bad_body || outcome.error == probe_error::bad_header;
  out.single("probe_failed_due_to_regex", "Indicates if probe failed due to regex",
             by_regex ? 1 : 0);
  out.single("probe_http_content_length", "Length of http content response",
             static_cast<double>(more.content_length));
  put_phases(more, out);
  if (more.last_modified_unix) {
    out.single("probe_http_last_modified_timestamp_seconds",
               "Returns the Last-Modified HTTP response header in unixtime",
               static_cast<double>(*more.last_modified_unix));
  }
  out.single("probe_http_redirects", "The number of redirects", http.redirects);
  out.single("probe_http_ssl", "Indicates if SSL was used for the final redirect",
             more.over_tls ? 1 : 0);
  out.single("probe_http_status_code", "Response HTTP status code", http.status);
  out.single("probe_http_uncompressed_body_length", "Length of uncompressed response body",
             static_cast<double>(more.decoded_bytes));
  out.single("probe_http_version", "Returns the version of HTTP of the probe response",
             http.version / 10.0);
  if (http.tls) {
    stream::put_tls_gauges(*http.tls, !http.tls->version.empty(), out);
  }
}

void presenter::target_gauges(const probe_outcome& outcome, gauge_sink& out) const {
  kind_presenter::target_gauges(outcome, out);
  const auto http = read_summary(outcome);
  out.single("probe_http_redirects", "Redirects followed.", http.redirects);
  if (http.tls && !http.tls->version.empty()) {
    stream::put_tls_info(*http.tls, out);
  }
}

std::string presenter::remark(const probe_outcome& outcome) const {
  const auto http = read_summary(outcome);
  if (http.status == 0) {
    return {};
  }
  auto text = "status " + std::to_string(http.status);
  if (http.redirects > 0) {
    text +=
        " · " + std::to_string(http.redirects) + (http.redirects == 1 ? " redirect" : " redirects");
  }
  return text;
}

std::string_view presenter::failed_phase(const probe_outcome& outcome) const {
  switch (outcome.error) {
  case probe_error::none:
  case probe_error::bad_target:
  case probe_error::too_many_redirects:
  case probe_error::bad_redirect:
  case probe_error::shutdown:
  case probe_error::local_overload:
  case probe_error::local_internal: return {};
  default: break;
  }
  const auto open = first_open_phase(kind(), outcome.values);
  return open ? std::string_view{kind().columns[*open].key} : std::string_view{};
}

std::string presenter::summary(const probe_outcome& outcome) const {
  const auto phases = kind_presenter::summary(outcome);
  const auto status = "status " + std::to_string(read_summary(outcome).status);
  return phases.empty() ? status : status + ", " + phases;
}

} // namespace xprober::http
