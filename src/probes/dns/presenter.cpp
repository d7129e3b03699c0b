#include "xprober/probes/dns/presenter.hpp"

#include "xprober/domain/dns_names.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/probes/dns/session.hpp"
#include "xprober/probes/stream/tls_presenter.hpp"

namespace xprober::dns_query {

namespace column = kinds::dns_column;

presenter::presenter() : kind_presenter(kinds::dns()) {}

void presenter::facts(const probe_outcome& outcome, fact_sink& out) const {
  kind_presenter::facts(outcome, out);
  const auto rcode = outcome.values.whole(column::rcode);
  const auto text = rcode ? dns_rcode_text(static_cast<std::uint8_t>(*rcode)) : std::string{};
  out.text("rcode_text", rcode ? std::optional<std::string_view>{text} : std::nullopt);
  const auto* details = dynamic_cast<const dns_details*>(outcome.details.get());
  const dns_details none;
  const auto& known = details != nullptr ? *details : none;
  out.text("server",
           known.server.empty() ? std::nullopt : std::optional<std::string_view>{known.server});
  out.text("transport",
           rcode ? std::optional<std::string_view>{known.over_tcp ? "tcp" : "udp"} : std::nullopt);
  out.flag("authoritative", known.authoritative);
  out.texts("records", known.records);
  stream::put_tls_object(outcome, out);
}

void presenter::gauges(const probe_outcome& outcome, const probe_story&, gauge_sink& out) const {
  const auto& values = outcome.values;
  const auto count = [&](std::string_view name, std::string_view help, std::size_t place) {
    out.single(name, help, values.value(kind(), place).value_or(0));
  };
  count("probe_dns_additional_rrs",
        "Returns number of entries in the additional resource record list", column::additionals);
  count("probe_dns_answer_rrs", "Returns number of entries in the answer resource record list",
        column::answers);
  count("probe_dns_authority_rrs",
        "Returns number of entries in the authority resource record list", column::authorities);
  put_phase_gauges(outcome, "Duration of DNS request by phase", out);
  out.single("probe_dns_query_succeeded",
             "Displays whether or not the query was executed successfully",
             values.has(column::rcode) ? 1 : 0);
  if (const auto serial = values.value(kind(), column::serial)) {
    out.single("probe_dns_serial", "Returns the serial number of the zone", *serial);
  }
  if (const auto rcode = values.value(kind(), column::rcode)) {
    out.single("xprober_probe_dns_rcode", "Response code of the answer.", *rcode);
  }
  if (const auto ttl = values.value(kind(), column::lowest_ttl)) {
    out.single("xprober_probe_dns_lowest_ttl_seconds", "Lowest TTL among the answers.", *ttl);
  }
  stream::put_tls_gauges_of(outcome, out);
}

std::string presenter::remark(const probe_outcome& outcome) const {
  const auto rcode = outcome.values.whole(column::rcode).value_or(0);
  if (rcode != 0) {
    return dns_rcode_text(static_cast<std::uint8_t>(rcode));
  }
  const auto answers = outcome.values.whole(column::answers).value_or(0);
  auto text = std::to_string(answers) + (answers == 1 ? " answer" : " answers");
  if (const auto ttl = outcome.values.whole(column::lowest_ttl)) {
    text += ", lowest TTL " + std::to_string(*ttl) + " s";
  }
  return text;
}

} // namespace xprober::dns_query
