#include "xprober/app/probe_commands.hpp"

#include <algorithm>
#include <exception>
#include <iostream>
#include <memory>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "xprober/app/probe_run.hpp"
#include "xprober/app/table.hpp"
#include "xprober/probes/http/engine.hpp"
#include "xprober/web/outcome_json.hpp"

namespace xprober::app {

namespace {

constexpr std::array all_phases{http_phase::resolve, http_phase::connect, http_phase::tls,
                                http_phase::processing, http_phase::transfer};

void print_json(const std::string& url, const probe_outcome& outcome) {
  const auto& s = summary_of<http_summary>(outcome);
  nlohmann::ordered_json phases = nlohmann::ordered_json::object();
  for (const auto phase : all_phases) {
    const auto& ms = s.phase(phase);
    phases[std::string{to_string(phase)}] = ms ? web::json_number(*ms) : web::json{};
  }
  const auto error = error_text(outcome);
  const auto details = web::http_json(outcome, s);
  const nlohmann::ordered_json line{
      {"url", url},
      {"status", s.status},
      {"success", outcome.success},
      {"phases_ms", phases},
      {"redirects", s.redirects},
      {"failed_phase", details["failed_phase"]},
      {"http_version", details["version"]},
      {"tls", details["tls"]},
      {"address", outcome.address},
      {"resolve_cached", outcome.resolve_cached},
      {"duration_ms", to_ms(outcome.duration)},
      {"error", error.empty() ? nlohmann::ordered_json{} : nlohmann::ordered_json(error)},
  };
  std::cout << line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
}

void print_table(const std::vector<std::string>& urls, const std::vector<probe_outcome>& outcomes) {
  table rows{{"URL", ">STATUS", ">RESOLVE", ">CONNECT", ">TLS", ">PROCESSING", ">TRANSFER",
              ">TOTAL", ">REDIRECTS", "ERROR"}};
  for (std::size_t i = 0; i < urls.size(); ++i) {
    const auto& o = outcomes[i];
    const auto& s = summary_of<http_summary>(o);
    std::vector<std::string> row{urls[i], s.status == 0 ? "-" : std::to_string(s.status)};
    for (const auto phase : all_phases) {
      const auto& ms = s.phase(phase);
      row.push_back(ms ? ms_text(static_cast<double>(*ms)) : "-");
    }
    row.push_back(ms_text(to_ms(o.duration)));
    row.push_back(std::to_string(s.redirects));
    row.push_back(error_text(o));
    rows.add(std::move(row));
  }
  rows.print(std::cout);
}

/// Null, after saying why, where an option cannot be used.
std::unique_ptr<http::engine> make_engine(const http_config& config, const resolver_config& dns) {
  http::engine_options options;
  options.resolver = dns;
  try {
    return std::make_unique<http::engine>(config, std::move(options));
  } catch (const std::exception& wrong) {
    std::cerr << "xprober http: " << wrong.what() << '\n';
    return nullptr;
  }
}

} // namespace

int http_command(http_options options) {
  std::string error;
  auto named = std::move(options.urls);
  if (!options.file.empty() && !read_target_file(options.file, named, error)) {
    std::cerr << "xprober http: " << error << '\n';
    return 2;
  }
  if (named.empty()) {
    std::cerr << "xprober http: no URL; name one or more, or -f FILE\n";
    return 2;
  }
  // In rounds, with as many probes at a time as there are URLs: the probes of one URL follow each
  // other.
  std::vector<std::string> urls;
  for (std::uint32_t round = 0; round < options.count; ++round) {
    urls.insert(urls.end(), named.begin(), named.end());
  }
  auto shown = urls;
  for (auto& url : shown) {
    take_user_info(url);
  }
  auto http = options.http;
  http.timeout = milliseconds{options.timeout_ms};
  const auto made = make_engine(http, options.dns);
  if (!made) {
    return 2;
  }
  auto& engine = *made;
  probe_run::options how;
  how.type = probe_type::http;
  how.window = std::min<std::size_t>(named.size(), http.max_in_flight);
  how.show_progress = !options.json && ::isatty(STDERR_FILENO) == 1;
  probe_run::observer observe;
  if (options.json) {
    observe = [&](std::size_t place, const probe_outcome& outcome) {
      print_json(shown[place], outcome);
    };
  }
  probe_run run{engine, [&] { engine.stop(); }, urls, how, std::move(observe)};
  const auto outcomes = run.run();
  if (!options.json) {
    print_table(shown, outcomes);
  }
  std::cout.flush();
  const bool all = std::all_of(outcomes.begin(), outcomes.end(),
                               [](const probe_outcome& o) { return o.success; });
  return all && !run.interrupted() ? 0 : 1;
}

} // namespace xprober::app
