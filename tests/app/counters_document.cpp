#define CAF_SUITE counters_document

// docs/counters.md says what is counted as it is described where it is counted.

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "xprober/actors/stats_sections.hpp"
#include "xprober/app/probers.hpp"
#include "xprober/web/agent_metrics.hpp"

#include "caf/test/unit_test.hpp"

namespace counters_document_suite {

using namespace xprober;

namespace {

std::string row(const std::string& name, const std::string& metric, std::string_view help) {
  return "| " + (name.empty() ? "" : "`" + name + "`") + " | " +
         (metric.empty() ? "" : "`xprober_" + metric + "`") + " | " + std::string{help} + " |\n";
}

template <class Section>
void add_rows(std::string& out, const std::string& section,
              std::span<const counter<Section>> table) {
  for (const auto& c : table) {
    out += row(c.name.empty() ? "" : section + "." + std::string{c.name}, std::string{c.metric},
               c.help);
  }
}

void add_sections(std::string& out, std::string_view role) {
  for_each_section(role, {}, [&](const char* name, const auto& table, const auto&) {
    add_rows(out, name, table);
  });
}

std::string heading(std::string_view title) {
  return "\n## " + std::string{title} +
         "\n\n| `/stats` | `/metrics` | what |\n| --- | --- | --- |\n";
}

/// What the engines of the program report when they have done nothing.
std::vector<kind_stats> idle_engines() {
  std::vector<kind_stats> all;
  const agent_config config;
  for (const auto& prober : app::builtin_probers()) {
    engine_report last;
    const auto engine = prober.make({&config, [&](const engine_report& report) { last = report; }});
    engine->stop();
    CAF_CHECK_EQUAL(last.kind, prober.kind->name);
    all.push_back({last, {}});
  }
  return all;
}

std::string document() {
  std::string out;
  out += heading("Agent");
  add_sections(out, "agent");
  add_rows(out, "probes.KIND", probe_counters::described());
  add_rows(out, "dns", dns_counters::described());
  for (const auto& kind : idle_engines()) {
    const std::string name{kind.report.kind};
    out += heading("Agent: " + name);
    for (const auto& c : kind.report.counters) {
      const std::string metric{c.metric.empty() ? c.name : c.metric};
      out += row(name + "." + std::string{c.name}, name + "_" + metric + (c.now ? "" : "_total"),
                 c.help);
    }
    if (kind.report.receive_gap_us) {
      out += row(name + ".receive_gap_us", name + "_receive_gap_seconds", web::receive_gap_help);
    }
  }
  out += heading("Server");
  add_sections(out, "server");
  add_rows(out, "discovery[]", discovery_source_stats::counters());
  add_rows(out, "remote_write[]", remote_write_stats::counters());
  add_rows(out, "notify[]", notify_stats::counters());
  out += heading("Both");
  add_rows(out, "actors.ACTOR", actor_stats::counters());
  add_rows(out, "actor_edges[]", actor_edge::counters());
  add_rows(out, "ports[]", port_counters::counters());
  add_rows(out, "memory", memory_stats::counters());
  return out;
}

} // namespace

CAF_TEST(the document lists what is counted) {
  std::ifstream file{XPROBER_DOCS_DIR "/counters.md"};
  std::ostringstream text;
  text << file.rdbuf();
  const auto wanted = document();
  const bool right = text.str().ends_with(wanted);
  if (!right) {
    std::ofstream{"counters.md.wanted"} << wanted;
    CAF_MESSAGE("docs/counters.md differs; its tables should be those of counters.md.wanted");
  }
  CAF_CHECK(right);
}

CAF_TEST(no two counters have one name in the metrics) {
  stats_snapshot stats;
  stats.role = "agent";
  stats.kinds = idle_engines();
  // A family that is written twice throws.
  const auto text = web::agent_metrics(stats, {"r", "192.0.2.1"}, {}, nullptr);
  for (const auto& kind : stats.kinds) {
    CAF_CHECK(!kind.report.counters.empty());
    CAF_CHECK(text.find("xprober_" + std::string{kind.report.kind} + "_") != std::string::npos);
  }
}

CAF_TEST(no two counters of an engine and its resolver have one name in the stats) {
  std::set<std::string_view> names;
  for (const auto& c : dns_counters::described()) {
    names.insert(c.name);
  }
  for (const auto& kind : idle_engines()) {
    for (const auto& c : kind.report.counters) {
      CAF_CHECK(kind.report.kind != "dns" || !names.contains(c.name));
    }
  }
}

} // namespace counters_document_suite
