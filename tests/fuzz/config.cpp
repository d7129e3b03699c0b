// Configuration files. The first byte says of which kind; what stands behind a byte 0 is an
// override.

#include "fuzz/support/fuzz.hpp"
#include "xprober/config/load.hpp"
#include "xprober/config/module_text.hpp"

namespace xprober::fuzz_config {

namespace {

using namespace fuzz;
using namespace config;

void check_problems(const std::vector<problem>& problems) {
  require(problems.size() <= 101, "no more problems than anybody reads");
  for (const auto& one : problems) {
    require(!one.message.empty(), "a problem has words");
    require(to_string(one).find('\n') == std::string::npos, "a problem is one line");
    require(one.line >= 0, "a line is none below 0");
  }
}

template <class Config>
void check_loaded(loaded<Config> (*parse)(std::string_view, const std::string&,
                                          const std::vector<std::string>&),
                  std::string_view text, const std::vector<std::string>& overrides) {
  const auto first = parse(text, "f.yaml", overrides);
  check_problems(first.problems);
  check_problems(first.warnings);
  const auto again = parse(text, "f.yaml", overrides);
  require(first.problems == again.problems && first.value == again.value,
          "the same text says the same");
}

} // namespace

XPROBER_FUZZ(config) {
  if (bytes.size() > 16 * 1024) {
    return;
  }
  input in{bytes};
  const auto kind = in.below(3);
  const auto text = in.until('\0');
  std::vector<std::string> overrides;
  // The text of a file is none of a parser's business.
  if (!in.rest().empty() && in.rest().find("=@") == std::string_view::npos) {
    overrides.emplace_back(in.rest());
  }
  switch (kind) {
  case 0: {
    check_loaded<agent_config>(&parse_agent, text, overrides);
    const auto agent = parse_agent(text, "f.yaml", overrides);
    for (const auto& [name, module] : agent.value.modules) {
      require(!module_text(module).empty(), "a module can be shown");
    }
    break;
  }
  case 1: check_loaded<server_config>(&parse_server, text, overrides); break;
  default: check_loaded<standalone_config>(&parse_standalone, text, overrides); break;
  }
}

} // namespace xprober::fuzz_config
