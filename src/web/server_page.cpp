#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "xprober/domain/kind_table.hpp"
#include "xprober/web/api_json.hpp"
#include "xprober/web/metrics_common.hpp"
#include "xprober/web/page.hpp"
#include "xprober/web/region_pairs.hpp"
#include "xprober/web/text.hpp"

namespace xprober::web {

namespace {

mood mood_of(const region_pair& pair) {
  if (pair.successes.all_fail()) {
    return mood::bad;
  }
  return pair.successes.failing() > 0 || pair.loss_percent.value().value_or(0) >= 1 ? mood::warning
                                                                                    : mood::good;
}

std::string failing_text(const region_pair& pair) {
  return fmt::format("{} of {} fail", people_count(pair.successes.failing()),
                     people_count(pair.successes.known()));
}

// -- pairs and matrix -----------------------------------------------------------------------------

std::string troubled_pairs(std::span<const region_pair> pairs) {
  std::vector<const region_pair*> troubled;
  for (const auto& pair : pairs) {
    if (pair.successes.failing() > 0) {
      troubled.push_back(&pair);
    }
  }
  if (troubled.empty()) {
    return pairs.empty() ? std::string()
                         : notice("Every region reaches every other one.", mood::good);
  }
  std::ranges::stable_sort(troubled, {}, [](const auto* p) { return !p->successes.all_fail(); });
  const auto shown = std::min<std::size_t>(troubled.size(), 20);
  std::string out;
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& pair = *troubled[i];
    const auto loss = pair.loss_percent.value();
    out += notice(fmt::format("{} → {}: {}{}", pair.source_region, pair.target_region,
                              failing_text(pair),
                              loss ? ", " + people_percent(*loss) + " % lost" : std::string()),
                  mood_of(pair));
  }
  if (troubled.size() > shown) {
    out += notice(fmt::format("and {} more pairs with failures", troubled.size() - shown));
  }
  return out;
}

std::string matrix_cell(const region_pair* pair, bool same) {
  if (pair == nullptr) {
    return fmt::format("<td class=\"none\">{}</td>", same ? "·" : "–");
  }
  std::string out =
      fmt::format("<td class=\"{}\">{}", css_class(mood_of(*pair)),
                  pair->successes.all_fail() ? "down" : ms_text(pair->duration_ms.value()));
  if (const auto loss = pair->loss_percent.value()) {
    out += fmt::format("<small>{} loss</small>", percent_text(loss));
  }
  if (pair->successes.failing() > 0) {
    out += fmt::format("<small>{}</small>", failing_text(*pair));
  }
  return out + "</td>";
}

std::string matrix(std::span<const region_pair> pairs, std::string_view kind) {
  std::map<std::pair<std::string_view, std::string_view>, const region_pair*> places;
  std::set<std::string_view> names;
  for (const auto& pair : pairs) {
    places[{pair.source_region, pair.target_region}] = &pair;
    names.insert(pair.source_region);
    names.insert(pair.target_region);
  }
  if (names.empty()) {
    return notice("No results between regions yet.");
  }
  std::vector<std::string_view> regions(names.begin(), names.end());
  regions.resize(std::min(regions.size(), max_page_regions));
  std::string out = "<div class=\"scroll\"><table class=\"matrix\"><thead><tr><th>from ↓ to →</th>";
  for (const auto region : regions) {
    out += fmt::format("<th>{}</th>", html_escape(region));
  }
  out += "</tr></thead><tbody>\n";
  for (const auto from : regions) {
    out += fmt::format("<tr><th>{}</th>", html_escape(from));
    for (const auto to : regions) {
      const auto found = places.find({from, to});
      out += matrix_cell(found == places.end() ? nullptr : found->second, from == to);
    }
    out += "</tr>\n";
  }
  out += "</tbody></table></div>\n";
  if (names.size() > regions.size()) {
    out += fmt::format("<p class=\"dim\">and {} more regions: <a href=\"api/v1/matrix?probe_type={}"
                       "\">/api/v1/matrix</a></p>\n",
                       names.size() - regions.size(), html_escape(kind));
  }
  return out;
}

std::string pair_section(const store_snapshot& store, const std::string& kind,
                         const std::string& id) {
  const auto pairs = region_pairs(store, kind);
  return section(id, "Regions: time and loss (" + kind + ")",
                 troubled_pairs(pairs) + matrix(pairs, kind));
}

std::string other_pair_section(const store_snapshot& store, const std::string& kind) {
  return region_pairs(store, kind).empty() ? std::string()
                                           : pair_section(store, kind, "regions_" + kind);
}

// -- addresses and targets ------------------------------------------------------------------------

/// An address and a source region, with the kind that it is of.
struct address_group {
  const kind_results* results = nullptr;
  const stored_group* group = nullptr;

  bool failing() const { return group->sums.successes.all_fail(); }
};

std::vector<address_group> addresses_of(const store_snapshot& store, std::string_view kind) {
  std::vector<address_group> all;
  for (const auto& results : store.kinds) {
    if (results.kind->name != kind || results.kind->grouped_by != result_group::address) {
      continue;
    }
    for (const auto& group : results.groups) {
      all.push_back({&results, &group});
    }
  }
  return all;
}

target_row row_of(const address_group& of) {
  const auto& [results, group] = of;
  target_row row;
  row.state = of.failing() ? "failing" : "ok";
  row.target = group->address;
  row.source = group->source_region;
  row.region = group->target_region;
  row.type = prober_name{results->kind->name};
  row.ms = results->headline_ms(*group);
  row.loss_percent = results->mean(*group, column_role::loss);
  for (const auto column : results->averaged) {
    if (results->kind->columns[column].role == column_role::phase) {
      row.phases_ms.emplace_back(results->kind->columns[column].key, results->mean(*group, column));
    }
  }
  return row;
}

std::string title_of(const probe_kind& kind) {
  switch (kind.takes) {
  case target_form::address: return "Addresses";
  case target_form::url: return "URLs";
  case target_form::host_port: return "Ports";
  case target_form::name: return "Names";
  }
  return "Targets";
}

std::string address_section(const store_snapshot& store, const std::string& kind) {
  auto all = addresses_of(store, kind);
  if (all.empty()) {
    return {};
  }
  std::ranges::stable_sort(all, {}, [](const address_group& g) { return !g.failing(); });
  std::vector<target_row> rows;
  for (std::size_t i = 0; i < std::min(all.size(), max_page_rows); ++i) {
    rows.push_back(row_of(all[i]));
  }
  return section(
      "addresses_" + kind, title_of(*all.front().results->kind) + " (" + kind + ")",
      target_table(rows, all.size(), "api/v1/targets?probe_type=" + kind + "&limit=10000"));
}

/// A section for each kind: the mesh's first, also without results, and the other built-in ones.
/// The rest came from agents, so there is an end to them.
std::string kind_sections(const store_snapshot& store) {
  std::string out = pair_section(store, mesh_kind().name, "regions");
  std::size_t shown = 0;
  std::size_t omitted = 0;
  const auto add = [&](const std::string& kind, bool builtin, auto* render) {
    if ((find_kind(kind) != nullptr) != builtin) {
      return;
    }
    if (!builtin && shown >= max_page_kinds) {
      ++omitted; // it has results: kinds that are in no table come from these
      return;
    }
    const auto content = render(store, kind);
    out += content;
    shown += content.empty() ? 0 : 1;
  };
  for (const bool builtin : {true, false}) {
    for (const auto& kind : kinds_grouped_by(store, result_group::pair)) {
      if (kind != mesh_kind().name) {
        add(kind, builtin, &other_pair_section);
      }
    }
    for (const auto& kind : kinds_grouped_by(store, result_group::address)) {
      add(kind, builtin, &address_section);
    }
  }
  if (omitted > 0) {
    out += notice(fmt::format("and {} more kinds of probes", omitted));
  }
  return out;
}

target_row row_of(const stored_target& target, wall_time now) {
  const auto& kind = *target.kind;
  const auto number = [&](std::size_t column) -> std::optional<double> {
    return target.values.value(kind, column);
  };
  target_row row;
  row.state = state_of(target);
  row.target = target.target.address;
  row.source = target.source_region + " (" + target.agent + ")";
  row.region = target.target.region;
  row.type = target.target.type;
  row.ms = headline_ms(kind_shape{kind}, target.values);
  if (const auto loss = kind.find(column_role::loss)) {
    row.loss_percent = number(*loss);
  }
  for (std::size_t i = 0; i < kind.columns.size(); ++i) {
    if (kind.columns[i].role == column_role::phase && kind.columns[i].kept) {
      row.phases_ms.emplace_back(kind.columns[i].key, number(i));
    }
  }
  row.age = ago(target.unix_seconds, now);
  return row;
}

std::string targets(const server_page_data& data) {
  if (!data.with_targets) {
    return "<p class=\"notice\">There are too many to list them here: "
           "<a href=\"api/v1/targets?state=failing\">/api/v1/targets?state=failing</a></p>\n";
  }
  std::vector<const stored_target*> sorted;
  for (const auto& target : data.store->targets) {
    sorted.push_back(&target);
  }
  if (sorted.empty()) {
    return notice("No results yet.");
  }
  const auto rank = [](const stored_target* t) {
    const auto state = state_of(*t);
    return state == "failing" ? 0 : state == "ok" ? 1 : 2;
  };
  const auto shown = std::min(sorted.size(), max_page_rows);
  std::partial_sort(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(shown),
                    sorted.end(), [&](const auto* a, const auto* b) {
                      return std::tuple(rank(a), std::string_view(a->source_region), a->target) <
                             std::tuple(rank(b), std::string_view(b->source_region), b->target);
                    });
  std::vector<target_row> rows;
  rows.reserve(shown);
  for (std::size_t i = 0; i < shown; ++i) {
    rows.push_back(row_of(*sorted[i], data.head.now));
  }
  return target_table(rows, sorted.size(), "api/v1/targets?limit=10000");
}

// -- the rest -------------------------------------------------------------------------------------

std::string agents(const server_page_data& data) {
  if (!data.agents_problem.empty()) {
    return notice("The agents cannot be shown: " + data.agents_problem, mood::bad);
  }
  if (data.agents.agents.empty()) {
    return notice("No agent has asked for targets yet.");
  }
  std::string out = "<div class=\"scroll\"><table><thead><tr><th>Region</th><th>Address</th>"
                    "<th class=\"wide\">Connected from</th><th class=\"num\">First seen</th>"
                    "<th class=\"num\">Last seen</th></tr></thead><tbody>\n";
  const auto shown = std::min(data.agents.agents.size(), max_page_rows);
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& line = data.agents.agents[i];
    out += fmt::format("<tr><th>{}</th><td>{}</td><td class=\"wide\">{}</td>"
                       "<td class=\"num\">{}</td><td class=\"num\">{}</td></tr>\n",
                       html_escape(line.agent.region), html_escape(line.agent.local_ip),
                       html_escape(line.peer), ago(line.first_seen_unix, data.head.now),
                       ago(line.last_seen_unix, data.head.now));
  }
  out += "</tbody></table></div>\n";
  if (data.agents.agents.size() > shown) {
    out += fmt::format("<p class=\"dim\">and {} more: <a href=\"api/v1/agents\">/api/v1/agents</a>"
                       "</p>\n",
                       people_count(data.agents.agents.size() - shown));
  }
  return out;
}

/// "3 icmp · 2 http"
std::string target_note(const target_counts& counts) {
  std::string out;
  for (const auto& [kind, count] : counts_by_kind(counts)) {
    if (count > 0) {
      out += (out.empty() ? "" : " · ") + people_count(count) + " " + std::string{kind};
    }
  }
  return out;
}

std::string disk_notices(const stats_snapshot& stats) {
  std::string out;
  if (!stats.journal.problem.empty()) {
    out += notice("Batches are refused, because they cannot be kept: " + stats.journal.problem +
                      ". Agents keep their results until they can.",
                  mood::bad);
  }
  if (!stats.history.last_error.empty()) {
    out += notice("The history is not written: " + stats.history.last_error +
                      ". Batches wait for it in the journal.",
                  mood::warning);
  }
  if (const auto lost = stats.journal.set_aside + stats.history.set_aside; lost > 0) {
    out +=
        notice(fmt::format("Since the start {} damaged {} in state_dir {} set aside; the log has "
                           "the names.",
                           lost, lost == 1 ? "file" : "files", lost == 1 ? "was" : "were"),
               mood::warning);
  }
  return out;
}

std::string overview(const server_page_data& data) {
  const auto& stats = data.stats;
  std::uint64_t down[2]{}; // by grouping
  std::uint64_t known[2]{};
  if (data.store) {
    for (const auto& results : data.store->kinds) {
      const auto place = results.kind->grouped_by == result_group::pair ? 0U : 1U;
      known[place] += results.groups.size();
      down[place] += static_cast<std::uint64_t>(
          std::ranges::count_if(results.groups, [](const stored_group& group) {
            return group.sums.successes.all_fail();
          }));
    }
  }
  const auto verdict = [](std::uint64_t bad, std::uint64_t of) {
    return bad > 0 ? mood::bad : of > 0 ? mood::good : mood::neutral;
  };
  const std::vector<tile> all{
      {"Agents", people_count(stats.agents), "hold a lease",
       stats.agents > 0 ? mood::good : mood::warning},
      {"Region pairs down", people_count(down[0]), "of " + people_count(known[0]),
       verdict(down[0], known[0])},
      {"Endpoints down", people_count(down[1]), "of " + people_count(known[1]) + " (by region)",
       verdict(down[1], known[1])},
      {"Targets", people_count(stats.targets.count.total()), target_note(stats.targets.count)},
      {"Values taken", people_count(stats.ingest.accepted),
       people_count(stats.ingest.rejected) + " rejected · " +
           people_count(stats.ingest.duplicate_batches) + " duplicate batches"},
      {"Series stored", people_count(stats.ingest.stored_series), ""},
      {"CPU", people_seconds(stats.cpu_seconds),
       stats.uptime_seconds > 0
           ? fmt::format("{:.1f} % of one core", 100 * stats.cpu_seconds / stats.uptime_seconds)
           : std::string()},
      {"Memory", people_bytes(stats.rss_bytes), people_count(stats.open_fds) + " descriptors"}};
  return tiles(all);
}

} // namespace

std::string server_page(const server_page_data& data) {
  std::string main = overview(data) + disk_notices(data.stats);
  if (!data.store_problem.empty() || !data.store) {
    main += section("regions", "Regions",
                    notice("The results cannot be shown: " + data.store_problem, mood::bad));
  } else {
    main += kind_sections(*data.store);
    main += section("targets", "Targets", left_out(data.stats.targets.bad) + targets(data));
  }
  main += section("agents", "Agents", agents(data));
  main += section("actors", "Actors", actor_table(data.stats));
  return document(data.head, data.stats, main);
}

} // namespace xprober::web
