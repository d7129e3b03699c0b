#include "xprober/web/page_parts.hpp"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/time_text.hpp"
#include "xprober/web/text.hpp"

namespace xprober::web {

namespace {

std::string header(const page_head& head, const stats_snapshot& stats) {
  std::string out = fmt::format("<header><h1>xprober</h1><span class=\"role\">{}</span>",
                                html_escape(stats.role));
  if (!head.region.empty()) {
    out += fmt::format("<b>{}</b>", html_escape(head.region));
  }
  if (!head.address.empty()) {
    out += fmt::format("<span>{}</span>", html_escape(head.address));
  }
  out += fmt::format("<span>version {}</span><span class=\"uptime\">up {} · {}</span>"
                     "<span id=\"refresh\"></span></header>\n",
                     html_escape(stats.version), people_seconds(stats.uptime_seconds),
                     rfc3339(to_unix_seconds(head.now)));
  return out;
}

std::string link_or_text(const target_row& row) {
  if (row.link.empty()) {
    return html_escape(row.target);
  }
  return fmt::format("<a href=\"{}\">{}</a>", html_escape(row.link), html_escape(row.target));
}

/// The number of the colour that a phase has on every page: phases of the table's kinds have one
/// each, in their order, as long as there are colours.
std::size_t phase_color(std::string_view phase) {
  constexpr std::size_t colors = 8; // .p0 to .p7 of the style sheet
  static const auto known = [] {
    std::vector<std::string> names;
    for (const auto& kind : builtin_kinds()) {
      for (const auto& column : kind.columns) {
        if (column.role == column_role::phase &&
            std::ranges::find(names, column.key) == names.end()) {
          names.push_back(column.key);
        }
      }
    }
    return names;
  }();
  const auto place = std::ranges::find(known, phase) - known.begin();
  return static_cast<std::size_t>(place) % colors;
}

std::string phase_legend(std::span<const std::string> phases) {
  std::string out;
  for (const auto& phase : phases) {
    out += fmt::format(" <span class=\"key\"><i class=\"p{}\"></i>{}</span>", phase_color(phase),
                       html_escape(phase));
  }
  return out;
}

bool has_loss(const target_row& row) {
  return row.loss_percent ||
         (row.type.kind() != nullptr && row.type.kind()->find(column_role::loss));
}

// Which columns a table of targets has: those that say something in at least one row.
struct target_columns {
  bool source = false;
  bool loss = false;
  bool age = false;
  std::vector<std::string> phases; ///< of all rows, as they come first

  explicit target_columns(std::span<const target_row> rows) {
    for (const auto& row : rows) {
      source = source || !row.source.empty();
      loss = loss || has_loss(row);
      for (const auto& [phase, ms] : row.phases_ms) {
        if (std::ranges::find(phases, phase) == phases.end()) {
          phases.push_back(phase);
        }
      }
      age = age || !row.age.empty();
    }
  }
};

std::string table_head(const target_columns& columns) {
  std::string out = "<thead><tr><th>State</th><th>Target</th>";
  out += columns.source ? "<th>Source</th><th>Target region</th>" : "<th>Region</th>";
  out += "<th class=\"wide\">Type</th><th class=\"num\">Time</th>";
  out += columns.loss ? "<th class=\"num\">Loss</th>" : "";
  out += "<th class=\"text\">";
  out += columns.phases.empty() ? std::string("Detail")
                                : "Detail; phases:" + phase_legend(columns.phases);
  out += columns.age ? "</th><th class=\"num\">Measured</th>" : "</th>";
  return out + "</tr></thead>";
}

void append_row(std::string& out, const target_row& row, const target_columns& columns) {
  out += fmt::format("<tr><td>{}</td><td class=\"addr\">{}</td>", state_text(row.state),
                     link_or_text(row));
  if (columns.source) {
    out += fmt::format("<td class=\"place\">{}</td>", html_escape(row.source));
  }
  out += fmt::format("<td class=\"place\">{}</td><td class=\"wide\">{}</td>"
                     "<td class=\"num time\">{}</td>",
                     html_escape(row.region), html_escape(to_string(row.type)), ms_text(row.ms));
  if (columns.loss) {
    out += fmt::format("<td class=\"num loss\">{}</td>",
                       has_loss(row) ? percent_text(row.loss_percent) : "");
  }
  out += fmt::format("<td class=\"text\">{}{}</td>",
                     row.detail.empty() ? "" : "<div>" + html_escape(row.detail) + "</div>",
                     phases_text(row.phases_ms, row.ms));
  if (columns.age) {
    out += fmt::format("<td class=\"num dim age\">{}</td>", html_escape(row.age));
  }
  out += "</tr>\n";
}

} // namespace

std::string_view css_class(mood state) noexcept {
  switch (state) {
  case mood::neutral: return "neutral";
  case mood::good: return "good";
  case mood::warning: return "warning";
  case mood::bad: return "bad";
  }
  return "neutral";
}

std::string document(const page_head& head, const stats_snapshot& stats, std::string_view main) {
  const bool server = stats.role == "server";
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<title>xprober {}{}</title><link rel=\"icon\" href=\"data:,\">"
      "<noscript><meta http-equiv=\"refresh\" content=\"10\"></noscript>\n<style>",
      html_escape(stats.role), head.region.empty() ? "" : " " + html_escape(head.region));
  out += page_css();
  out += "</style></head>\n<body>";
  out += header(head, stats);
  out += "<main>\n";
  for (const auto& warning : stats.warnings) {
    out += notice(warning, mood::warning);
  }
  out += main;
  out += "</main>\n<footer><a href=\"stats\">/stats</a><a href=\"metrics\">/metrics</a>";
  if (server) {
    out += "<a href=\"api/v1/matrix?metric=latency\">/api/v1/matrix</a>"
           "<a href=\"api/v1/regions\">/api/v1/regions</a>"
           "<a href=\"api/v1/targets?limit=100\">/api/v1/targets</a>"
           "<a href=\"api/v1/agents\">/api/v1/agents</a>";
  } else {
    out += "<a href=\"targets?limit=100\">/targets</a>"
           "<a href=\"targets?state=failing\">/targets?state=failing</a>";
  }
  out += "</footer>\n<script>";
  out += page_js();
  out += "</script></body></html>\n";
  return out;
}

std::string section(std::string_view id, std::string_view title, std::string_view content) {
  return fmt::format("<section id=\"{}\"><h2>{}</h2>{}</section>\n", id, html_escape(title),
                     content);
}

std::string notice(std::string_view text, mood state) {
  return fmt::format("<p class=\"notice {}\">{}</p>\n", css_class(state), html_escape(text));
}

std::string left_out(const bad_targets& bad) {
  if (bad.count == 0) {
    return {};
  }
  std::string out =
      notice(people_count(bad.count) + (bad.count == 1
                                            ? " target of a list cannot be used and is left out:"
                                            : " targets of lists cannot be used and are left out:"),
             mood::warning);
  out += "<ul class=\"dim\">\n";
  for (const auto& text : bad.first) {
    out += "<li>" + html_escape(text) + "</li>\n";
  }
  if (bad.count > bad.first.size()) {
    out += "<li>and " + people_count(bad.count - bad.first.size()) + " more</li>\n";
  }
  return out + "</ul>\n";
}

std::string tiles(std::span<const tile> all) {
  std::string out = "<div class=\"tiles\">";
  for (const auto& one : all) {
    out += fmt::format("<div class=\"tile {}\"><small>{}</small><b>{}</b><em>{}</em></div>",
                       css_class(one.state), html_escape(one.label), html_escape(one.value),
                       html_escape(one.note));
  }
  return out + "</div>\n";
}

std::string state_text(std::string_view state) {
  // The state is also a class name; what is no known state must not become one.
  const bool known = state == "ok" || state == "failing" || state == "waiting" ||
                     state == "partial" || state == "prober_fault";
  return fmt::format("<span class=\"state {}\">{}</span>", known ? state : "waiting",
                     html_escape(state));
}

std::string phases_text(const phase_times& phases_ms, const std::optional<double>& whole_ms) {
  double sum = 0;
  std::size_t known = 0;
  for (const auto& [name, ms] : phases_ms) {
    known += ms ? 1 : 0;
    sum += ms ? std::max(*ms, 0.0) : 0;
  }
  if (known == 0) {
    return {};
  }
  // What no phase fills of the whole stays grey: it went by in a phase that never ended.
  const bool complete = known == phases_ms.size();
  const double length = std::max(sum, whole_ms.value_or(complete ? sum : 0));
  const bool measurable = length > 0 && (whole_ms || complete);
  std::string bar;
  std::string numbers;
  std::string names;
  for (const auto& [name, ms] : phases_ms) {
    if (ms && measurable) {
      bar += fmt::format("<i class=\"p{}\" style=\"width:{:.1f}%\"></i>", phase_color(name),
                         100 * std::max(*ms, 0.0) / length);
    }
    const auto* between = names.empty() ? "" : " · ";
    numbers += between + (ms ? people_ms(*ms) : std::string("–"));
    names += between + name;
  }
  if (measurable) {
    bar = "<span class=\"bar\">" + bar + "</span>";
  }
  return fmt::format("{}<span class=\"phases\" title=\"{}\">{} ms</span>", bar, html_escape(names),
                     numbers);
}

std::string target_table(std::span<const target_row> rows, std::uint64_t total,
                         std::string_view more_link) {
  const target_columns columns(rows);
  std::string out =
      "<div class=\"scroll\"><table class=\"targets\">" + table_head(columns) + "<tbody>\n";
  for (const auto& row : rows) {
    append_row(out, row, columns);
  }
  out += "</tbody></table></div>\n";
  if (total > rows.size()) {
    out += fmt::format("<p class=\"dim\">and {} more: <a href=\"{}\">/{}</a></p>\n",
                       people_count(total - rows.size()), html_escape(more_link),
                       html_escape(more_link));
  }
  return out;
}

std::string actor_table(const stats_snapshot& stats) {
  if (stats.actors.empty()) {
    return notice("No actor has reported yet.");
  }
  std::string out =
      "<div class=\"scroll\"><table><thead><tr><th>Actor</th><th class=\"num\">Running</th>"
      "<th class=\"num\">Spawned</th><th class=\"num\">Stopped</th><th class=\"num\">Failed</th>"
      "<th class=\"num\">Messages</th><th class=\"num\">Mailbox now</th>"
      "<th class=\"num\">max</th><th class=\"num\">Handler p50 µs</th>"
      "<th class=\"num\">p99</th><th class=\"num\">max</th></tr></thead><tbody>\n";
  for (const auto& [kind, row] : stats.actors) {
    const auto failed =
        row.failed > 0 ? "<span class=\"state failing\">" + people_count(row.failed) + "</span>"
                       : std::string("0");
    out += fmt::format("<tr><th>{}</th><td class=\"num\">{}</td><td class=\"num\">{}</td>"
                       "<td class=\"num\">{}</td><td class=\"num\">{}</td>",
                       html_escape(kind), people_count(row.running), people_count(row.spawned),
                       people_count(row.stopped), failed);
    out += fmt::format("<td class=\"num\">{}</td><td class=\"num\">{}</td><td class=\"num\">{}</td>"
                       "<td class=\"num\">{:.1f}</td><td class=\"num\">{:.1f}</td>"
                       "<td class=\"num\">{:.0f}</td></tr>\n",
                       people_count(row.messages), people_count(row.mailbox_now),
                       people_count(row.mailbox_max), row.handler_us.p50, row.handler_us.p99,
                       row.handler_us.max);
  }
  return out + "</tbody></table></div>\n";
}

std::string facts(std::span<const std::pair<std::string, std::string>> rows) {
  std::string out = "<table><tbody>";
  for (const auto& [name, value] : rows) {
    out += fmt::format("<tr><td>{}</td><td class=\"num\">{}</td></tr>", html_escape(name),
                       html_escape(value));
  }
  return out + "</tbody></table>";
}

std::string ago(std::int64_t unix_seconds, wall_time now) {
  if (unix_seconds == 0) {
    return "never";
  }
  const auto seconds = to_unix_seconds(now) - unix_seconds;
  return seconds <= 0 ? "just now" : people_seconds(static_cast<double>(seconds)) + " ago";
}

std::string ms_text(const std::optional<double>& ms) {
  return ms ? people_ms(*ms) + " ms" : std::string("–");
}

std::string percent_text(const std::optional<double>& percent) {
  return percent ? html_escape(people_percent(*percent)) + " %" : std::string("–");
}

} // namespace xprober::web
