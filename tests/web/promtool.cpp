#define CAF_SUITE promtool

// Prometheus' own checker reads what the renderers write. Needs `promtool`.

#include "web/sample.hpp"
#include "xprober/web/agent_metrics.hpp"
#include "xprober/web/server_metrics.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include <unistd.h>

#include "caf/test/unit_test.hpp"

namespace promtool_suite {

using namespace xprober;
using namespace xprober::web;

namespace {

bool promtool_missing() {
  if (std::system("command -v promtool >/dev/null 2>&1") == 0) {
    return false;
  }
  std::cout << "SKIPPED: promtool is not installed" << std::endl;
  CAF_CHECK(true);
  return true;
}

/// Complaints about `metrics`, but for old names.
std::string complaints(const std::string& metrics) {
  const auto base =
      std::filesystem::temp_directory_path() / ("xprober-promtool-" + std::to_string(::getpid()));
  const auto in = base.string() + ".prom";
  const auto out = base.string() + ".out";
  std::ofstream(in, std::ios::binary) << metrics;
  const auto command = "promtool check metrics <" + in + " >" + out + " 2>&1";
  const int status = std::system(command.c_str());
  std::ifstream result(out);
  std::string found;
  int lines = 0;
  for (std::string line; std::getline(result, line); ++lines) {
    const bool old_name =
        line.starts_with("ping_") || line.starts_with("http_") || line.starts_with("toy_wind_ms");
    if (!line.empty() && !old_name) {
      found += line + "\n";
    }
  }
  if (status != 0 && lines == 0) {
    found += "promtool failed without a word\n";
  }
  std::filesystem::remove(in);
  std::filesystem::remove(out);
  return found;
}

} // namespace

CAF_TEST(promtool accepts an agents metrics) {
  if (promtool_missing()) {
    return;
  }
  const auto listing = sample::listing();
  CAF_CHECK_EQUAL(complaints(agent_metrics(sample::agent_stats(), {"cn-north", "10.0.0.1"},
                                           sample::presenters(), &listing)),
                  "");
}

CAF_TEST(promtool accepts a servers metrics) {
  if (promtool_missing()) {
    return;
  }
  auto stats = sample::server_stats();
  remote_write_stats line;
  line.receiver.url = "http://a/write";
  line.queue = {"a", 100, 7, 5, 30, 400};
  stats.remote_write.push_back(line);
  stats.notify.push_back({"webhook:chat", 7, 1, 3, 2, 77, ""});
  CAF_CHECK_EQUAL(complaints(server_metrics(stats, sample::store_with_targets(), sample::agents())),
                  "");
  CAF_CHECK_EQUAL(complaints(server_metrics(stats, sample::store_with_toys(), sample::agents())),
                  "");
}

CAF_TEST(promtool finds what is wrong) {
  if (promtool_missing()) {
    return;
  }
  CAF_CHECK(!complaints("a{b=\"c\"} 1\na{b=\"c\"} no\n").empty());
}

} // namespace promtool_suite
