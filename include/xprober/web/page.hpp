#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "xprober/actors/snapshot.hpp"
#include "xprober/probes/presenter_table.hpp"
#include "xprober/web/page_parts.hpp"

namespace xprober::web {

/// A page shows at most so many targets, addresses, agents; the endpoints have the rest.
inline constexpr std::size_t max_page_rows = 200;

/// A server's page shows so many kinds of probes beside that of the mesh.
inline constexpr std::size_t max_page_kinds = 20;

/// A page's matrix shows at most so many regions on each axis.
inline constexpr std::size_t max_page_regions = 30;

/// What an agent's page is made of.
struct agent_page_data {
  page_head head;
  stats_snapshot stats;
  presenter_table presenters;
  target_listing failing;      ///< targets that fail, up to `max_page_rows`
  target_listing all;          ///< any targets, up to `max_page_rows`
  std::string targets_problem; ///< not empty: why there are no targets to show
};

/// What a server's page is made of.
struct server_page_data {
  page_head head;
  stats_snapshot stats;
  std::shared_ptr<const store_snapshot> store; ///< may be null
  bool with_targets = true;                    ///< false: there are too many to list them here
  agent_listing agents;
  std::string store_problem;  ///< not empty: why there are no results to show
  std::string agents_problem; ///< not empty: why there are no agents to show
};

/// An agent's page: a whole HTML document that needs nothing from elsewhere. Failing targets first.
std::string agent_page(const agent_page_data& data);

/// A server's page: pairs of regions with failures and their matrix, addresses (both for each kind
/// of probe), targets, agents, actors.
std::string server_page(const server_page_data& data);

/// The Content-Security-Policy of both pages: only their own style and script.
std::string page_security_policy();

} // namespace xprober::web
