#include "xprober/probes/stream/tls_presenter.hpp"

#include "xprober/domain/address.hpp"
#include "xprober/probes/stream/tls_details.hpp"

namespace xprober::stream {

namespace {

std::optional<std::string_view> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string_view>{text};
}

std::optional<std::int64_t> unless_zero(std::int64_t value) {
  return value == 0 ? std::nullopt : std::optional{value};
}

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) {
    if (!parse_ip(name)) {
      out += (out.empty() ? "" : ",") + name;
    }
  }
  return out;
}

} // namespace

void put_tls_facts(const tls_summary& tls, fact_sink& out) {
  out.text("version", unless_empty(tls.version));
  out.text("cipher", unless_empty(tls.cipher));
  out.text("subject", tls.subject);
  out.text("issuer", tls.issuer);
  out.texts("dns_names", tls.dns_names);
  out.whole("expiry_unix", unless_zero(tls.expiry_unix));
  out.whole("earliest_expiry_unix", unless_zero(tls.earliest_expiry_unix));
  out.whole("chain_expiry_unix", unless_zero(tls.chain_expiry_unix));
  out.text("fingerprint_sha256", unless_empty(tls.fingerprint_sha256));
  if (tls.chain.empty()) {
    return;
  }
  out.begin_list("chain");
  for (const auto& each : tls.chain) {
    out.begin({});
    out.text("subject", each.subject);
    out.text("issuer", each.issuer);
    out.texts("dns_names", each.dns_names);
    out.whole("not_before_unix", unless_zero(each.not_before_unix));
    out.whole("not_after_unix", unless_zero(each.not_after_unix));
    out.text("key", unless_empty(each.key));
    out.text("fingerprint_sha256", unless_empty(each.fingerprint_sha256));
    out.end();
  }
  out.end();
}

void put_tls_gauges(const tls_summary& tls, bool accepted, gauge_sink& out) {
  // What Go makes of a time that is not set: there is no chain where nothing was to be verified.
  constexpr double no_chain = -62135596800;
  if (tls.earliest_expiry_unix != 0) {
    out.single("probe_ssl_earliest_cert_expiry", "Returns earliest SSL cert expiry in unixtime",
               static_cast<double>(tls.earliest_expiry_unix));
  }
  if (accepted) {
    out.single("probe_ssl_last_chain_expiry_timestamp_seconds",
               "Returns last SSL chain expiry in timestamp",
               tls.chain_expiry_unix != 0 ? static_cast<double>(tls.chain_expiry_unix) : no_chain);
  }
  out.family("probe_ssl_last_chain_info", "Contains SSL leaf certificate information");
  out.sample(1, {{"fingerprint_sha256", tls.fingerprint_sha256},
                 {"issuer", tls.issuer},
                 {"subject", tls.subject},
                 {"subjectalternative", listed(tls.dns_names)}});
  if (!tls.version.empty()) {
    put_tls_info(tls, out);
  }
}

void put_tls_info(const tls_summary& tls, gauge_sink& out) {
  out.family("probe_tls_version_info", "Returns the TLS version used or NaN when unknown");
  out.sample(1, {{"version", tls_version_label(tls.version)}});
  out.family("probe_tls_cipher_info", "Returns the TLS cipher negotiated during handshake");
  out.sample(1, {{"cipher", tls.cipher}});
}

void put_tls_object(const probe_outcome& outcome, fact_sink& out) {
  if (const auto* tls = tls_of(outcome)) {
    out.begin("tls");
    put_tls_facts(*tls, out);
    out.end();
  } else {
    out.nothing("tls");
  }
}

void put_tls_gauges_of(const probe_outcome& outcome, gauge_sink& out) {
  if (const auto* tls = tls_of(outcome)) {
    put_tls_gauges(*tls, !tls->version.empty(), out);
  }
}

std::string tls_version_label(std::string_view version) {
  constexpr std::string_view prefix = "TLSv";
  if (!version.starts_with(prefix)) {
    return std::string{version};
  }
  const auto number = version.substr(prefix.size());
  return "TLS " + std::string{number} + (number.size() == 1 ? ".0" : "");
}

} // namespace xprober::stream
