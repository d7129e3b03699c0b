#include "xprober/config/checks.hpp"
#include "xprober/config/kind_section.hpp"
#include "xprober/config/read.hpp"
#include "xprober/config/tls_section.hpp"
#include "xprober/domain/comma_list.hpp"
#include "xprober/domain/dns_names.hpp"
#include "xprober/domain/kind_table.hpp"

namespace xprober::config {

namespace {

constexpr std::pair<std::string_view, dns_transport> transports[] = {{"udp", dns_transport::udp},
                                                                     {"tcp", dns_transport::tcp}};

std::string check_type(std::string_view text) {
  return parse_dns_type(text)
             ? std::string{}
             : in_quotes(text) + " is not a record type; allowed are names such as "
                                 "A, AAAA and MX, and numbers from 1 to 65535";
}

std::string check_class(std::string_view text) {
  return parse_dns_class(text) ? std::string{}
                               : in_quotes(text) + " is not a class; allowed are IN, CH, HS, NONE, "
                                                   "ANY and numbers from 1 to 65535";
}

std::string check_rcode(std::string_view text) {
  return parse_dns_rcode(text)
             ? std::string{}
             : in_quotes(text) + " is not a response code; allowed are names such "
                                 "as NOERROR and NXDOMAIN, and numbers from 0 to 255";
}

void read_checks(section& dns, std::string_view name, dns_rr_checks& out) {
  auto checks = dns.below(name);
  checks.texts("fail_if_matches_regexp", out.fail_if_matches_regexp, check_regexp);
  checks.texts("fail_if_all_match_regexp", out.fail_if_all_match_regexp, check_regexp);
  checks.texts("fail_if_not_matches_regexp", out.fail_if_not_matches_regexp, check_regexp);
  checks.texts("fail_if_none_matches_regexp", out.fail_if_none_matches_regexp, check_regexp);
  checks.finish();
}

/// Once the section said how names are resolved.
void refuse_moved(section& dns) {
  for (const std::string key :
       {"servers", "attempts", "cache_max_ttl", "cache_max_negative_ttl", "max_cached_names"}) {
    dns.refuse(key, "has moved to the section resolver; write it as resolver." + key);
  }
}

void read_dns(section dns, kind_settings& settings) {
  auto& out = settings.dns;
  refuse_moved(dns);
  read_connection_keys(dns, out);
  dns.text("query_type", out.query_type, check_type);
  dns.text("query_class", out.query_class, check_class);
  dns.boolean("recursion_desired", out.recursion_desired);
  dns.choice("transport_protocol", out.transport_protocol, transports);
  dns.boolean("tcp_fallback", out.tcp_fallback);
  dns.boolean("dns_over_tls", out.dns_over_tls);
  read_tls_config(dns, out.tls_config);
  dns.texts("valid_rcodes", out.valid_rcodes, check_rcode);
  read_checks(dns, "validate_answer_rrs", out.validate_answer_rrs);
  read_checks(dns, "validate_authority_rrs", out.validate_authority_rrs);
  read_checks(dns, "validate_additional_rrs", out.validate_additional_rrs);
  dns.finish();
}

void append_checks(yaml_lines& lines, std::string_view name, const dns_rr_checks& checks) {
  std::string text;
  const auto add = [&](std::string_view key, const std::vector<std::string>& values) {
    append_listed(text, std::string{key} + ": [" + comma_list(values, quoted_text) + "]");
  };
  add("fail_if_matches_regexp", checks.fail_if_matches_regexp);
  add("fail_if_all_match_regexp", checks.fail_if_all_match_regexp);
  add("fail_if_not_matches_regexp", checks.fail_if_not_matches_regexp);
  add("fail_if_none_matches_regexp", checks.fail_if_none_matches_regexp);
  lines.raw(name, "{" + text + "}");
}

std::string dns_text(const kind_settings& settings) {
  const auto& dns = settings.dns;
  yaml_lines lines{kinds::dns().name};
  append_connection_keys(lines, dns);
  lines.text("query_type", dns.query_type);
  lines.text("query_class", dns.query_class);
  lines.flag("recursion_desired", dns.recursion_desired);
  lines.choice("transport_protocol", dns.transport_protocol, transports);
  lines.flag("tcp_fallback", dns.tcp_fallback);
  lines.flag("dns_over_tls", dns.dns_over_tls);
  append_tls_config(lines, dns.tls_config);
  lines.texts("valid_rcodes", dns.valid_rcodes);
  append_checks(lines, "validate_answer_rrs", dns.validate_answer_rrs);
  append_checks(lines, "validate_authority_rrs", dns.validate_authority_rrs);
  append_checks(lines, "validate_additional_rrs", dns.validate_additional_rrs);
  return lines.take();
}

} // namespace

kind_section dns_section() noexcept {
  return {.kind = &kinds::dns(),
          .read = read_dns,
          .shared_keys = connection_shared_keys,
          .timeout = [](kind_settings& all) -> milliseconds& { return all.dns.timeout; },
          .text = dns_text};
}

} // namespace xprober::config
