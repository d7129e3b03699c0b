#include "xprober/web/certificate_routes.hpp"

#include <utility>

#include "xprober/bridge/ask.hpp"
#include "xprober/web/json.hpp"
#include "xprober/web/time_values.hpp"

namespace xprober::web {

namespace {

namespace asio = boost::asio;
namespace http = net::http;
using response = net::http_response;

constexpr std::size_t fingerprint_length = 64;
constexpr std::int64_t max_offset = 1'000'000;

json or_null(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }
json or_null(std::int64_t time) { return time == 0 ? json(nullptr) : json(time); }

/// Some have no subject, only names; each that is known has an issuer.
json subject_json(const sent_certificate& one) {
  return one.issuer.empty() ? or_null(one.subject) : json(one.subject);
}

json link_json(const sent_certificate& one) {
  json out = json::object();
  out["fingerprint_sha256"] = one.fingerprint_sha256;
  out["subject"] = subject_json(one);
  out["issuer"] = or_null(one.issuer);
  out["dns_names"] = one.dns_names;
  out["not_before_unix"] = or_null(one.not_before_unix);
  out["not_after_unix"] = or_null(one.not_after_unix);
  out["key"] = or_null(one.key);
  return out;
}

json target_json_of(const certified_target& shown) {
  json seen = json::array();
  for (const auto& witness : shown.witnesses) {
    seen.push_back({{"source_region", witness.agent.region},
                    {"agent", witness.agent.local_ip},
                    {"fingerprint_sha256", witness.fingerprint},
                    {"verdict", or_null(witness.verdict)}});
  }
  json out = json::object();
  out["uid"] = uid_text(shown.uid);
  out["target"] = shown.uid.address;
  out["region"] = shown.uid.region;
  out["probe_type"] = std::string{shown.uid.type.text()};
  out["differs"] = shown.differs;
  out["seen_by"] = shown.seen_by;
  out["seen"] = std::move(seen);
  return out;
}

json row_json(const certificate_row& row) {
  auto out = link_json(row.chain.front());
  const auto& first = row.chain[row.first];
  out["ends_first"] = {{"subject", subject_json(first)},
                       {"fingerprint_sha256", first.fingerprint_sha256},
                       {"not_after_unix", or_null(first.not_after_unix)},
                       {"own", row.first == 0}};
  json chain = json::array();
  for (const auto& one : row.chain) {
    chain.push_back(link_json(one));
  }
  json shown = json::array();
  for (const auto& target : row.shown) {
    shown.push_back(target_json_of(target));
  }
  out["chain"] = std::move(chain);
  out["chain_state"] = to_string(row.state);
  out["chains"] = row.chains;
  out["targets"] = row.targets;
  out["differing"] = row.differing;
  out["refused"] = row.refused;
  out["refusals"] = row.refusals;
  out["sources"] = row.sources;
  out["shown"] = std::move(shown);
  return out;
}

/// A whole number from 0 to `most`; `otherwise` where it is not given.
std::optional<std::size_t> number_parameter(const net::query_params& query, std::string_view name,
                                            std::int64_t most, std::size_t otherwise,
                                            std::string& problem) {
  const auto text = query.get(name);
  if (!text) {
    return otherwise;
  }
  const auto number = parse_whole(*text);
  if (!number || *number < 0 || *number > most) {
    problem = std::string{name} + " must be a whole number from 0 to " + std::to_string(most);
    return std::nullopt;
  }
  return static_cast<std::size_t>(*number);
}

asio::awaitable<response> list_certificates(common_handles h, chains_actor chains,
                                            net::request_context context) {
  std::string problem;
  const auto query = read_chain_query(context.query, to_unix_seconds(wall_clock::now()), problem);
  if (!query) {
    co_return bad_request(problem);
  }
  if (!chains) {
    co_return net::error_response(http::status::not_found, "nobody knows certificates here");
  }
  const auto page = co_await bridge::query<chain_page_ptr>(h.gateway, chains, h.patience, *query);
  if (!page) {
    co_return unavailable("chains", page.error());
  }
  auto make = [page = *page, query = *query] { return certificates_json(*page, query); };
  co_return co_await json_apart(h.work, std::move(make));
}

} // namespace

std::optional<chain_query> read_chain_query(const net::query_params& query, std::int64_t now,
                                            std::string& problem) {
  if (auto unknown = unknown_parameter(query, {"q", "fingerprint", "uid", "ends_within",
                                               "differing", "targets", "limit", "cursor"})) {
    problem = std::move(*unknown);
    return std::nullopt;
  }
  chain_query out;
  out.text = query.get_or("q", "");
  out.fingerprint = query.get_or("fingerprint", "");
  if (!out.fingerprint.empty() && out.fingerprint.size() != fingerprint_length) {
    problem = "fingerprint must be SHA-256 in 64 hexadecimal digits";
    return std::nullopt;
  }
  if (const auto uid = query.get("uid")) {
    out.target = parse_uid_text(*uid);
    if (!out.target) {
      problem = "uid must have 16 hexadecimal digits, as targets are listed with";
      return std::nullopt;
    }
  }
  if (const auto within = query.get("ends_within")) {
    const auto seconds = parse_duration(*within);
    if (!seconds) {
      problem = "ends_within must be a time like 21d, 12h, 30m or 90s";
      return std::nullopt;
    }
    out.until_unix = now + *seconds;
  }
  const auto differing = choice_parameter(query, "differing", {"true", "false"}, problem);
  const auto limit = limit_parameter(query, problem, max_certificate_page);
  const auto targets =
      number_parameter(query, "targets", static_cast<std::int64_t>(max_named_targets), 10, problem);
  const auto offset = number_parameter(query, "cursor", max_offset, 0, problem);
  if (!differing || !limit || !targets || !offset) {
    return std::nullopt;
  }
  out.differing = *differing == "true";
  out.limit = *limit;
  out.targets = *targets;
  out.offset = *offset;
  return out;
}

std::string certificates_json(const chain_page& page, const chain_query& query) {
  json rows = json::array();
  for (const auto& row : page.certificates) {
    rows.push_back(row_json(row));
  }
  const auto next = query.offset + page.certificates.size();
  json out = json::object();
  out["certificates"] = std::move(rows);
  out["matching"] = page.matching;
  out["known"] = {{"certificates", page.counts.certificates}, {"chains", page.counts.chains},
                  {"sightings", page.counts.sightings},       {"agents", page.counts.agents},
                  {"left_out", page.counts.left_out},         {"refused", page.counts.refused}};
  out["next"] = !page.certificates.empty() && next < page.matching ? json(std::to_string(next))
                                                                   : json(nullptr);
  return json_text(out);
}

void add_certificate_routes(net::router& routes, const common_handles& handles,
                            chains_actor chains) {
  routes.get("/api/v1/certificates",
             condensed(handles, [handles, chains](const auto&, auto context) {
               return list_certificates(handles, chains, std::move(context));
             }));
}

} // namespace xprober::web
