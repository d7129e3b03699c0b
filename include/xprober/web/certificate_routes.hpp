#pragma once

#include <optional>
#include <string>

#include "xprober/actors/chain_actors.hpp"
#include "xprober/store/chain_page.hpp"
#include "xprober/web/common_routes.hpp"

namespace xprober::web {

/// The most rows of one answer of `/api/v1/certificates`.
inline constexpr std::size_t max_certificate_page = 1000;
/// The most targets that are named of each.
inline constexpr std::size_t max_named_targets = 1000;

/// `/api/v1/certificates`: the certificates that targets show, what ends first first, see
/// `certificates_json`. 404 where `chains` is null.
void add_certificate_routes(net::router& routes, const common_handles& handles,
                            chains_actor chains);

/// Reads the parameters `q`, `fingerprint`, `uid`, `ends_within`, `differing`, `targets`, `limit`
/// and `cursor`. On a bad one nothing, and `problem` says what is allowed. `now`: Unix seconds.
std::optional<chain_query> read_chain_query(const net::query_params& query, std::int64_t now,
                                            std::string& problem);

/// `{certificates: [{fingerprint_sha256, subject, issuer, dns_names, not_before_unix,
/// not_after_unix, key, ends_first: {subject, fingerprint_sha256, not_after_unix, own}, chain:
/// [...], chain_state, chains, targets, differing, refused, refusals, sources, shown: [{uid,
/// target, region, probe_type, differs, seen_by, seen: [{source_region, agent, fingerprint_sha256,
/// verdict}]}]}], matching, known: {certificates, chains, sightings, agents, left_out, refused},
/// next}`. `seen` has 100 of `seen_by` agents at most. What is not known of a
/// certificate is null, as all of one is whose bytes no agent has sent yet. `ends_first` is the one
/// of the chain that ends first; `own`: it is the target's own.
std::string certificates_json(const chain_page& page, const chain_query& query);

} // namespace xprober::web
