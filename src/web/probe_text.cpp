#include "xprober/web/probe_text.hpp"

#include <array>
#include <chrono>
#include <string_view>

#include "xprober/base/log_line.hpp"
#include "xprober/domain/address.hpp"
#include "xprober/domain/time_text.hpp"
#include "xprober/web/module_text.hpp"
#include "xprober/web/outcome.hpp"
#include "xprober/web/prometheus_text.hpp"
#include "xprober/web/text.hpp"

namespace xprober::web {

namespace {

using enum metric_type;

double seconds(nanoseconds time) { return std::chrono::duration<double>(time).count(); }

/// FNV-1a of the bytes of an address in 32 bits.
double address_hash(const ip_address& address) {
  std::uint32_t hash = 2166136261U;
  for (std::size_t i = 0; i < (address.v6 ? 16U : 4U); ++i) {
    hash = (hash ^ address.bytes[i]) * 16777619U;
  }
  return hash;
}

void append_address(prometheus_text& out, const probe_story& story) {
  const auto address = parse_ip(story.first_address.substr(0, story.first_address.find('%')));
  out.single("probe_ip_addr_hash", gauge,
             "Specifies the hash of IP address. It's useful to detect if the IP address changes.",
             address ? address_hash(*address) : 0);
  out.single("probe_ip_protocol", gauge, "Specifies whether probe ip protocol is IP4 or IP6",
             !address      ? 0
             : address->v6 ? 6
                           : 4);
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

void append_tls(prometheus_text& out, const tls_summary& tls, bool accepted) {
  // What Go makes of a time that is not set: there is no chain where nothing was to be verified.
  constexpr double no_chain = -62135596800;
  if (tls.earliest_expiry_unix != 0) {
    out.single("probe_ssl_earliest_cert_expiry", gauge,
               "Returns earliest SSL cert expiry in unixtime",
               static_cast<double>(tls.earliest_expiry_unix));
  }
  if (accepted) {
    out.single("probe_ssl_last_chain_expiry_timestamp_seconds", gauge,
               "Returns last SSL chain expiry in timestamp",
               tls.chain_expiry_unix != 0 ? static_cast<double>(tls.chain_expiry_unix) : no_chain);
  }
  out.family("probe_ssl_last_chain_info", gauge, "Contains SSL leaf certificate information");
  out.sample(1, {{"fingerprint_sha256", tls.fingerprint_sha256},
                 {"issuer", tls.issuer},
                 {"subject", tls.subject},
                 {"subjectalternative", listed(tls.dns_names)}});
  if (!tls.version.empty()) {
    out.family("probe_tls_version_info", gauge, "Returns the TLS version used or NaN when unknown");
    out.sample(1, {{"version", tls_version_label(tls.version)}});
    out.family("probe_tls_cipher_info", gauge,
               "Returns the TLS cipher negotiated during handshake");
    out.sample(1, {{"cipher", tls.cipher}});
  }
}

void append_http_phases(prometheus_text& out, const probe_story& story) {
  out.family("probe_http_duration_seconds", gauge,
             "Duration of http request by phase, summed over all redirects");
  for (std::size_t i = 0; i < http_phase_count; ++i) {
    if (story.phases[i]) {
      out.sample(seconds(*story.phases[i]), {{"phase", to_string(static_cast<http_phase>(i))}});
    }
  }
}

void append_http(prometheus_text& out, const probe_answer& answer, const http_summary& http) {
  const auto& story = answer.story;
  const auto error = answer.outcome.error;
  const bool by_regex = error == probe_error::bad_body || error == probe_error::bad_header;
  out.single("probe_failed_due_to_regex", gauge, "Indicates if probe failed due to regex",
             by_regex ? 1 : 0);
  out.single("probe_http_content_length", gauge, "Length of http content response",
             static_cast<double>(story.content_length));
  append_http_phases(out, story);
  if (story.last_modified_unix) {
    out.single("probe_http_last_modified_timestamp_seconds", gauge,
               "Returns the Last-Modified HTTP response header in unixtime",
               static_cast<double>(*story.last_modified_unix));
  }
  out.single("probe_http_redirects", gauge, "The number of redirects", http.redirects);
  out.single("probe_http_ssl", gauge, "Indicates if SSL was used for the final redirect",
             story.over_tls ? 1 : 0);
  out.single("probe_http_status_code", gauge, "Response HTTP status code", http.status);
  out.single("probe_http_uncompressed_body_length", gauge, "Length of uncompressed response body",
             static_cast<double>(story.decoded_bytes));
  out.single("probe_http_version", gauge, "Returns the version of HTTP of the probe response",
             http.version / 10.0);
  if (http.tls) {
    append_tls(out, *http.tls, !http.tls->version.empty());
  }
}

void append_icmp(prometheus_text& out, const probe_answer& answer, const icmp_summary& icmp) {
  const auto& story = answer.story;
  out.family("probe_icmp_duration_seconds", gauge, "Duration of icmp request by phase");
  if (!story.first_address.empty()) {
    out.sample(seconds(story.resolve), {{"phase", "resolve"}});
  }
  if (const auto rtt = mean_rtt_ms(answer.outcome)) {
    out.sample(widen(*rtt) / 1000, {{"phase", "rtt"}});
  }
  if (story.setup.count() != 0) {
    out.sample(seconds(story.setup), {{"phase", "setup"}});
  }
  if (icmp.reply_ttl != 0) {
    out.single("probe_icmp_reply_hop_limit", gauge, "Replied packet hop limit (TTL for ipv4)",
               icmp.reply_ttl);
  }
  if (const auto percent = loss_percent(answer.outcome)) {
    out.single("xprober_probe_icmp_loss_ratio", gauge, "Share of echoes that were not answered.",
               *percent / 100);
  }
  out.single("xprober_probe_icmp_echoes", gauge, "Echoes whose fate is known.", icmp.sent);
}

void append_failure(prometheus_text& out, const probe_outcome& outcome) {
  out.single("xprober_probe_local_error", gauge,
             "1 when the probe failed of the prober's own fault.", is_local(outcome.error) ? 1 : 0);
  if (outcome.success) {
    return;
  }
  const auto phase = failed_phase(outcome);
  out.family("xprober_probe_failure_info", gauge,
             "Always 1; the labels tell why the probe failed.");
  out.sample(1, {{"reason", to_string(outcome.error)},
                 {"phase", phase ? to_string(*phase) : std::string_view{}}});
}

class log_writer {
public:
  log_writer(std::string& out, const probe_question& question, const probe_outcome& outcome)
      : out_(out), question_(question), outcome_(outcome) {
    take_user_info(shown_ = question.target);
  }

  void line(nanoseconds at, std::string_view level, std::string_view text,
            const std::vector<std::pair<std::string, std::string>>& fields) {
    const auto time = outcome_.started + std::chrono::duration_cast<wall_clock::duration>(at);
    add("ts", rfc3339(time), "");
    add("module", question_.module);
    add("target", shown_);
    add("level", level);
    add("msg", text);
    for (const auto& [name, value] : fields) {
      add(name, value);
    }
    out_ += '\n';
  }

private:
  void add(std::string_view name, std::string_view value, std::string_view before = " ") {
    out_.append(before).append(name).append("=");
    log::append_value(out_, value);
  }

  std::string& out_;
  const probe_question& question_;
  const probe_outcome& outcome_;
  std::string shown_;
};

} // namespace

std::string probe_metrics(const probe_answer& answer) {
  prometheus_text out;
  const auto& outcome = answer.outcome;
  out.single("probe_dns_lookup_time_seconds", gauge,
             "Returns the time taken for probe dns lookup in seconds",
             seconds(answer.story.resolve));
  out.single("probe_duration_seconds", gauge,
             "Returns how long the probe took to complete in seconds", seconds(outcome.duration));
  if (const auto* http = std::get_if<http_summary>(&outcome.data)) {
    append_http(out, answer, *http);
  } else if (const auto* icmp = std::get_if<icmp_summary>(&outcome.data)) {
    append_icmp(out, answer, *icmp);
  }
  append_address(out, answer.story);
  out.single("probe_success", gauge, "Displays whether or not the probe was a success",
             outcome.success ? 1 : 0);
  append_failure(out, outcome);
  return out.take();
}

std::string probe_debug_text(const probe_question& question, const probe_answer& answer) {
  std::string out = "Logs for the probe:\n";
  log_writer log{out, question, answer.outcome};
  log.line(nanoseconds{0}, "info", "Beginning probe",
           {{"probe", std::string{to_string(answer.module->prober)}},
            {"scrape_limit_seconds", number_text(rounded(seconds(question.time_limit)))}});
  for (const auto& [at, text, fields] : answer.story.lines) {
    log.line(at, "info", text, fields);
  }
  const auto duration = number_text(rounded(seconds(answer.outcome.duration)));
  log.line(answer.outcome.duration, answer.outcome.success ? "info" : "error",
           answer.outcome.success ? "Probe succeeded" : "Probe failed",
           {{"duration_seconds", duration}});
  out += "\n\n\nMetrics that would have been returned:\n" + probe_metrics(answer);
  out += "\n\n\nModule configuration:\n" + module_text(*answer.module);
  return out;
}

} // namespace xprober::web
