#define CAF_SUITE counters_documented

// What docs/counters.md lists is in /stats and /metrics, and what is in /metrics stands in the
// documents.

#include <cctype>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "web/sample.hpp"
#include "xprober/web/agent_metrics.hpp"
#include "xprober/web/json.hpp"
#include "xprober/web/server_metrics.hpp"
#include "xprober/web/stats_json.hpp"

#include "caf/test/unit_test.hpp"

namespace counters_documented_suite {

using namespace xprober;
using namespace xprober::web;

namespace {

struct documented {
  std::string section; ///< the heading
  std::string name;    ///< in /stats; empty: it is not there
  std::string metric;  ///< likewise
};

std::string text_of(const std::string& name) {
  std::ifstream file{std::string{XPROBER_DOCS_DIR} + "/" + name};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// What is between the first two backquotes of the next column, from `at` on.
std::string column(const std::string& line, std::size_t& at) {
  const auto end = line.find(" | ", at);
  const auto text = line.substr(at, end - at);
  at = end + 3;
  return text.size() < 2 ? "" : text.substr(1, text.size() - 2);
}

std::vector<documented> read_document() {
  std::vector<documented> rows;
  std::istringstream lines{text_of("counters.md")};
  std::string section;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## ")) {
      section = line.substr(3);
    } else if (line.starts_with("| `/stats`")) {
      continue; // the head of a table
    } else if (line.starts_with("| `") || line.starts_with("|  | `")) {
      std::size_t at = 2;
      auto name = column(line, at);
      rows.push_back({section, std::move(name), column(line, at)});
    }
  }
  return rows;
}

/// The value at "a.b", "a[].b" (of the first one) or "a.ACTOR.b" (of any); null: there is none.
const json* value_at(const json& root, const std::string& path) {
  const json* at = &root;
  std::istringstream parts{path};
  for (std::string part; std::getline(parts, part, '.');) {
    const bool is_list = part.ends_with("[]");
    if (is_list) {
      part.resize(part.size() - 2);
    }
    const bool is_any = part == "ACTOR" || part == "KIND";
    if (!at->is_object() || (is_any ? at->empty() : !at->contains(part))) {
      return nullptr;
    }
    at = is_any ? &at->begin().value() : &at->at(part);
    if (is_list) {
      if (!at->is_array() || at->empty()) {
        return nullptr;
      }
      at = &at->front();
    }
  }
  return at;
}

bool has_word(const std::string& text, const std::string& word) {
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const auto next = at + word.size();
    if (next == text.size() ||
        (std::isalnum(static_cast<unsigned char>(text[next])) == 0 && text[next] != '_')) {
      return true;
    }
  }
  return false;
}

/// Families of groups are documented by what comes behind the group's name.
bool is_documented(const std::string& documents, const std::string& family) {
  for (const auto* group : {"xprober_pair_", "xprober_url_"}) {
    if (family.starts_with(group) &&
        documents.find("`" + family.substr(std::string_view{group}.size()) + "`") !=
            std::string::npos) {
      return true;
    }
  }
  return has_word(documents, family);
}

stats_snapshot with_lists(stats_snapshot stats) {
  stats.actor_edges.resize(1);
  stats.ports.resize(1);
  if (stats.role == "server") {
    stats.discovery.sources.resize(1);
    stats.remote_write.resize(1);
    stats.notify.resize(1);
    stats.history.enabled = true;
  }
  return stats;
}

/// Of one role: `own` is its heading.
void check(const std::string& own, const stats_snapshot& stats, const std::string& metrics) {
  const auto shown = json::parse(stats_json(stats));
  std::size_t rows = 0;
  for (const auto& row : read_document()) {
    if (row.section != own && row.section != "Both") {
      continue;
    }
    ++rows;
    CAF_MESSAGE(row.name << " " << row.metric);
    CAF_CHECK(row.metric.empty() ||
              metrics.find("# TYPE " + row.metric + " ") != std::string::npos);
    CAF_CHECK(row.name.empty() || value_at(shown, row.name) != nullptr);
  }
  CAF_CHECK(rows > 20);
  const auto documents = text_of("counters.md") + text_of("operations.md");
  std::istringstream lines{metrics};
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("# TYPE xprober_")) {
      continue;
    }
    const auto family = line.substr(7, line.find(' ', 7) - 7);
    CAF_MESSAGE(family);
    CAF_CHECK(is_documented(documents, family));
  }
}

} // namespace

CAF_TEST(an agent shows what is documented and nothing else) {
  const auto stats = with_lists(sample::agent_stats());
  check("Agent", stats,
        agent_metrics(stats, {"cn-north", "10.0.0.1"}, sample::presenters(), nullptr));
}

CAF_TEST(a server shows what is documented and nothing else) {
  const auto stats = with_lists(sample::server_stats());
  check("Server", stats, server_metrics(stats, sample::store(), sample::agents()));
}

} // namespace counters_documented_suite
