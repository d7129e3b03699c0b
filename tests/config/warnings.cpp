#define CAF_SUITE warnings

#include "xprober/config/load.hpp"

#include <string>
#include <vector>

#include "caf/test/unit_test.hpp"

namespace warnings_suite {

using namespace xprober;
using namespace xprober::config;

namespace {

using strings = std::vector<std::string>;

template <class Read>
strings warnings_of(Read read, std::string_view text) {
  const auto found = read(text, "f", {});
  CAF_CHECK_EQUAL(to_string(found.problems), "");
  return warning_texts(found.warnings);
}

} // namespace

CAF_TEST(a type that is nearly a kind is named with the kind) {
  CAF_CHECK(warnings_of(parse_server, "prober_targets:\n"
                                      "  - prober_type: htpp\n"
                                      "    region: r\n"
                                      "    target: http://a/\n"
                                      "  - {prober_type: http_2xx, region: r, target: http://a/}\n"
                                      "target_files: [{files: a.json, prober_type: imcp}]\n") ==
            (strings{"f:2: warning: prober_targets[0].prober_type: 'htpp' is not built in; agents "
                     "without a module of that name skip these targets; do you mean http?",
                     "f:6: warning: target_files[0].prober_type: 'imcp' is not built in; agents "
                     "without a module of that name skip these targets; do you mean icmp?"}));
}

CAF_TEST(a standalone file knows its modules) {
  CAF_CHECK(warnings_of(parse_standalone,
                        "server:\n"
                        "  prober_targets:\n"
                        "    - {prober_type: post, region: r, target: http://a/}\n"
                        "    - {prober_type: psot, region: r, target: http://b/}\n"
                        "agent: {modules: {post: {prober: http}}}\n") ==
            strings{"f:4: warning: server.prober_targets[1].prober_type: the agent of this file "
                    "has no module 'psot' and skips these targets; do you mean post?"});
}

CAF_TEST(a target that is named twice for the same agents is named with both lines) {
  CAF_CHECK(warnings_of(parse_server,
                        "prober_targets:\n"
                        "  - {prober_type: icmp, region: r, target: [10.0.0.1, 10.0.0.2]}\n"
                        "  - {prober_type: icmp, region: r, target: [10.0.0.3, 10.0.0.1]}\n"
                        "  - {prober_type: icmp, region: s, target: 10.0.0.1}\n"
                        "  - {prober_type: icmp, region: r, target: 10.0.0.1, source_regions: x}\n"
                        "  - {prober_type: http, region: r, target: ['http://u:secret@a/', "
                        "'http://u:secret@a/']}\n") ==
            (strings{"f:3: warning: prober_targets[1].target: '10.0.0.1' is named before, in the "
                     "entry on line 2; it is probed once",
                     "f:6: warning: prober_targets[4].target: 'http://a/' is named before, in the "
                     "entry on line 6; it is probed once"}));
}

CAF_TEST(the order of source regions makes no other target) {
  CAF_CHECK(
      warnings_of(
          parse_server,
          "prober_targets:\n"
          "  - {prober_type: icmp, region: r, target: 10.0.0.1, source_regions: [x, y]}\n"
          "  - {prober_type: icmp, region: r, target: 10.0.0.1, source_regions: [y, x, y]}\n"
          "  - {prober_type: icmp, region: r, target: 10.0.0.1, source_regions: [xy]}\n") ==
      strings{"f:3: warning: prober_targets[1].target: '10.0.0.1' is named before, in the entry on "
              "line 2; it is probed once"});
}

CAF_TEST(of many targets that are named twice a hundred are told) {
  std::string list = "prober_targets: [{prober_type: icmp, region: r, target: [";
  for (int twice = 0; twice < 2; ++twice) {
    for (int i = 0; i < 200; ++i) {
      list += "10.0.0." + std::to_string(i + 1) + ", ";
    }
  }
  const auto told = warnings_of(parse_server, list + "10.0.1.1]}]\n");
  CAF_REQUIRE_EQUAL(told.size(), 100u);
  CAF_CHECK(told.back().find("'10.0.0.100' is named before") != std::string::npos);
}

CAF_TEST(an empty file is one of defaults) {
  CAF_CHECK(warnings_of(parse_agent, "# nothing\n") ==
            strings{"f: warning: is empty; everything is at its default"});
  CAF_CHECK(warnings_of(parse_agent, "{}").empty());
  CAF_CHECK(warning_texts(load_agent("").warnings).empty());
}

} // namespace warnings_suite
