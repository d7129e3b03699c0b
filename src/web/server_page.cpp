#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "xprober/web/api_json.hpp"
#include "xprober/web/page.hpp"
#include "xprober/web/text.hpp"

namespace xprober::web {

namespace {

mood mood_of(const icmp_pair& pair) {
  if (pair.success < 0) {
    return mood::bad;
  }
  return pair.failing > 0 || pair.drop_rate.value_or(0) >= 1 ? mood::warning : mood::good;
}

std::string_view css_class(mood state) {
  return state == mood::bad ? "bad" : state == mood::warning ? "warning" : "good";
}

std::string failing_text(const icmp_pair& pair) {
  return fmt::format("{} of {} fail", people_count(pair.failing), people_count(pair.targets));
}

// -- pairs and matrix -----------------------------------------------------------------------------

std::string troubled_pairs(const store_snapshot& store) {
  std::vector<const icmp_pair*> pairs;
  for (const auto& pair : store.icmp) {
    if (pair.failing > 0 || pair.success < 0) {
      pairs.push_back(&pair);
    }
  }
  if (pairs.empty()) {
    return store.icmp.empty() ? std::string()
                              : notice("Every region reaches every other one.", mood::good);
  }
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const auto* a, const auto* b) { return a->success < b->success; });
  const auto shown = std::min<std::size_t>(pairs.size(), 20);
  std::string out;
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& pair = *pairs[i];
    out += notice(fmt::format("{} → {}: {}, {} % of echoes lost", pair.source_region,
                              pair.target_region, failing_text(pair),
                              pair.drop_rate ? people_percent(*pair.drop_rate) : "unknown"),
                  mood_of(pair));
  }
  if (pairs.size() > shown) {
    out += notice(fmt::format("and {} more pairs with failures", pairs.size() - shown));
  }
  return out;
}

std::string matrix_cell(const icmp_pair* pair, bool same) {
  if (pair == nullptr) {
    return fmt::format("<td class=\"none\">{}</td>", same ? "·" : "–");
  }
  std::string out = fmt::format("<td class=\"{}\">{}", css_class(mood_of(*pair)),
                                pair->success < 0 ? "down" : ms_text(pair->latency_ms));
  if (pair->drop_rate) {
    out += fmt::format("<small>{} loss</small>", percent_text(pair->drop_rate));
  }
  if (pair->failing > 0) {
    out += fmt::format("<small>{}</small>", failing_text(*pair));
  }
  return out + "</td>";
}

std::string matrix(const store_snapshot& store) {
  std::map<std::pair<std::string_view, std::string_view>, const icmp_pair*> pairs;
  std::set<std::string_view> names;
  for (const auto& pair : store.icmp) {
    pairs[{pair.source_region, pair.target_region}] = &pair;
    names.insert(pair.source_region);
    names.insert(pair.target_region);
  }
  if (names.empty()) {
    return notice("No ICMP results yet.");
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
      const auto found = pairs.find({from, to});
      out += matrix_cell(found == pairs.end() ? nullptr : found->second, from == to);
    }
    out += "</tr>\n";
  }
  out += "</tbody></table></div>\n";
  if (names.size() > regions.size()) {
    out += fmt::format("<p class=\"dim\">and {} more regions: <a href=\"api/v1/matrix\">"
                       "/api/v1/matrix</a></p>\n",
                       names.size() - regions.size());
  }
  return out;
}

// -- URLs and targets -----------------------------------------------------------------------------

std::string urls(const store_snapshot& store) {
  std::vector<const http_pair*> pairs;
  for (const auto& pair : store.http) {
    pairs.push_back(&pair);
  }
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const auto* a, const auto* b) { return a->success < b->success; });
  std::vector<target_row> rows;
  for (const auto* pair : pairs) {
    if (rows.size() == max_page_rows) {
      break;
    }
    target_row row;
    row.state = pair->success > 0 ? "ok" : "failing";
    row.target = pair->addr;
    row.source = pair->source_region;
    row.region = pair->target_region;
    row.type = probe_type::http;
    row.phases_ms = pair->phases_ms;
    stored_target whole;
    whole.phases_ms = pair->phases_ms;
    row.ms = phases_sum(whole);
    rows.push_back(std::move(row));
  }
  return target_table(rows, pairs.size(), "api/v1/targets?probe_type=http&limit=10000");
}

std::optional<double> measured(const std::optional<double>& value) {
  return value && *value >= 0 ? value : std::nullopt;
}

target_row row_of(const stored_target& target, wall_time now) {
  target_row row;
  row.state = state_of(target);
  row.target = target.target.address;
  row.source = target.source_region + " (" + target.agent + ")";
  row.region = target.target.region;
  row.type = target.target.type;
  const bool icmp = row.type.is(probe_type::icmp);
  row.ms = icmp ? measured(target.latency_ms) : phases_sum(target);
  row.loss_percent = measured(target.drop_rate);
  row.phases_ms = target.phases_ms;
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

std::string overview(const server_page_data& data) {
  const auto& stats = data.stats;
  std::uint64_t down = 0;
  std::uint64_t pairs = 0;
  std::uint64_t urls_down = 0;
  std::uint64_t urls_known = 0;
  if (data.store) {
    pairs = data.store->icmp.size();
    urls_known = data.store->http.size();
    down =
        static_cast<std::uint64_t>(std::count_if(data.store->icmp.begin(), data.store->icmp.end(),
                                                 [](const auto& p) { return p.success < 0; }));
    urls_down =
        static_cast<std::uint64_t>(std::count_if(data.store->http.begin(), data.store->http.end(),
                                                 [](const auto& p) { return p.success <= 0; }));
  }
  const auto verdict = [](std::uint64_t bad, std::uint64_t of) {
    return bad > 0 ? mood::bad : of > 0 ? mood::good : mood::neutral;
  };
  const std::vector<tile> all{
      {"Agents", people_count(stats.agents), "hold a lease",
       stats.agents > 0 ? mood::good : mood::warning},
      {"Region pairs down", people_count(down), "of " + people_count(pairs), verdict(down, pairs)},
      {"URLs down", people_count(urls_down), "of " + people_count(urls_known) + " (by region)",
       verdict(urls_down, urls_known)},
      {"Targets", people_count(stats.targets.count.total()),
       fmt::format("{} icmp · {} http", people_count(stats.targets.count.by_type[0]),
                   people_count(stats.targets.count.by_type[1]))},
      {"Values taken", people_count(stats.ingest.accepted),
       people_count(stats.ingest.rejected) + " rejected · " +
           people_count(stats.ingest.duplicate_batches) + " batches came again"},
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
  std::string main = overview(data);
  if (!data.store_problem.empty() || !data.store) {
    main += section("regions", "Regions",
                    notice("The results cannot be shown: " + data.store_problem, mood::bad));
  } else {
    main += section("regions", "Regions: round-trip time and loss (ICMP)",
                    troubled_pairs(*data.store) + matrix(*data.store));
    if (!data.store->http.empty()) {
      main += section("urls", "URLs", urls(*data.store));
    }
    main += section("targets", "Targets", targets(data));
  }
  main += section("agents", "Agents", agents(data));
  main += section("actors", "Actors", actor_table(data.stats));
  return document(data.head, data.stats, main);
}

} // namespace xprober::web
