#include "xprober/probes/http/summary.hpp"

#include "xprober/domain/kind_table.hpp"

namespace xprober {

namespace column = kinds::http_column;

namespace {

/// Nearly all answers are of one version and without a certificate: they share their details.
std::shared_ptr<const probe_details> details_of(const http_summary& summary) {
  const auto make = [](std::uint8_t version, std::shared_ptr<const tls_summary> tls) {
    auto details = std::make_shared<http_details>();
    details->version = version;
    details->tls = std::move(tls);
    return details;
  };
  static const std::shared_ptr<const probe_details> plain = make(11, nullptr);
  if (summary.tls == nullptr && (summary.version == 0 || summary.version == 11)) {
    return summary.version == 0 ? nullptr : plain;
  }
  return make(summary.version, summary.tls);
}

} // namespace

std::string http_version_text(std::uint8_t version) {
  return "HTTP/" + std::to_string(version / 10) + "." + std::to_string(version % 10);
}

std::string_view to_string(http_phase phase) noexcept {
  switch (phase) {
  case http_phase::resolve: return "resolve";
  case http_phase::connect: return "connect";
  case http_phase::tls: return "tls";
  case http_phase::processing: return "processing";
  case http_phase::transfer: return "transfer";
  }
  return "unknown";
}

void write_summary(const http_summary& summary, probe_outcome& outcome) {
  auto& out = outcome.values;
  for (std::size_t i = 0; i < http_phase_count; ++i) {
    if (summary.phases_ms[i]) {
      out.set(column::first_phase + i, *summary.phases_ms[i]);
    }
  }
  out.set_whole(column::status, summary.status);
  out.set_whole(column::redirects, summary.redirects);
  out.set_whole(column::body_bytes, summary.body_bytes);
  if (summary.cert_expiry_unix > 0) {
    out.set_whole(column::cert_expiry, static_cast<std::uint64_t>(summary.cert_expiry_unix));
  }
  outcome.details = details_of(summary);
}

http_summary http::read_summary(const probe_outcome& outcome) {
  const auto& in = outcome.values;
  http_summary summary;
  for (std::size_t i = 0; i < http_phase_count; ++i) {
    summary.phases_ms[i] = in.number(column::first_phase + i);
  }
  summary.status = static_cast<std::uint16_t>(in.whole(column::status).value_or(0));
  summary.redirects = static_cast<std::uint16_t>(in.whole(column::redirects).value_or(0));
  summary.body_bytes = in.whole(column::body_bytes).value_or(0);
  summary.cert_expiry_unix = in.whole(column::cert_expiry).value_or(0);
  if (const auto* more = dynamic_cast<const http_details*>(outcome.details.get())) {
    summary.version = more->version;
    summary.tls = more->tls;
  }
  return summary;
}

} // namespace xprober
