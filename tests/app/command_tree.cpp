#define CAF_SUITE command_tree

#include "xprober/app/command_tree.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "xprober/app/completion.hpp"
#include "xprober/app/man_page.hpp"

#include "caf/test/unit_test.hpp"

namespace command_tree_suite {

using namespace xprober::app;
using texts = std::vector<std::string>;

namespace {

/// A parser with every form of option, and what it fills in.
struct fixture {
  fixture() {
    auto* probe = parser.add_subcommand("probe", "Probe it's own way: \\o/");
    probe->add_option("-c,--count", count, "How many")
        ->check(CLI::Range(1, 9))
        ->type_name("COUNT")
        ->capture_default_str();
    probe->add_option("--as", word, "A word of these")->check(CLI::IsMember(texts{"one", "two"}));
    probe->add_option("--config", word, "A file")->type_name("FILE")->required();
    probe->add_option("--secret", word, "Not shown")->group("");
    probe->add_flag("-6", flag, "Prefer IPv6");
    probe->add_option("TARGET", targets, "What to probe");
    probe->add_subcommand("init", "Begin")->add_option("FILE", word, "Which")->required();
    parser.add_subcommand("hidden", "Not shown")->group("");
  }

  CLI::App parser{"A prober.", "xprober"};
  int count = 5;
  std::string word;
  bool flag = false;
  texts targets;
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const command_option& option_of(const command_tree& command, const std::string& name) {
  return *std::ranges::find_if(command.options, [&](const command_option& option) {
    return std::ranges::find(option.names, name) != option.names.end();
  });
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(command_tree_tests, fixture)

CAF_TEST(a parser is described with all that it shows and nothing that it hides) {
  const auto program = describe(parser);
  CAF_CHECK_EQUAL(program.path, "xprober");
  CAF_REQUIRE_EQUAL(program.commands.size(), 1U);
  const auto& probe = program.commands.front();
  CAF_CHECK_EQUAL(probe.path, "xprober probe");
  CAF_CHECK_EQUAL(probe.options.size(), 5U); // with --help
  const auto& echoes = option_of(probe, "--count");
  CAF_CHECK((echoes.names == texts{"-c", "--count"}));
  CAF_CHECK_EQUAL(echoes.value, "COUNT");
  CAF_CHECK(has(echoes.allowed, "[1 - 9]"));
  CAF_CHECK_EQUAL(echoes.preset, "5");
  CAF_CHECK(!echoes.required);
  CAF_CHECK((option_of(probe, "--as").choices == texts{"one", "two"}));
  CAF_CHECK(option_of(probe, "--config").required);
  CAF_CHECK_EQUAL(option_of(probe, "-6").value, "");
  CAF_REQUIRE_EQUAL(probe.operands.size(), 1U);
  CAF_CHECK((probe.operands.front().names == texts{"TARGET"}));
  CAF_CHECK(probe.operands.front().repeated);
  CAF_CHECK(!probe.operands.front().required);
  CAF_REQUIRE_EQUAL(all_of(program).size(), 3U);
  CAF_CHECK_EQUAL(all_of(program).back()->path, "xprober probe init");
  CAF_CHECK(all_of(program).back()->operands.front().required);
}

CAF_TEST(the manual has a page for each command with all of its options) {
  const auto pages = man_pages(describe(parser));
  CAF_REQUIRE_EQUAL(pages.size(), 3U);
  CAF_CHECK_EQUAL(pages[0].name, "xprober.1");
  CAF_CHECK_EQUAL(pages[1].name, "xprober-probe.1");
  CAF_CHECK_EQUAL(pages[2].name, "xprober-probe-init.1");
  CAF_CHECK(has(pages[0].text, "\\fBxprober\\-probe\\fR(1)"));
  const auto& text = pages[1].text;
  for (const auto* part :
       {".TH XPROBER\\-PROBE 1 ", ".SH NAME\nxprober\\-probe \\- Probe it's own way: \\eo/\n",
        "\\fB\\-c\\fR, \\fB\\-\\-count\\fR \\fICOUNT\\fR\nHow many.\n", "Default: 5.\n",
        "One of one, two.\n", "\\fB\\-6\\fR\nPrefer IPv6.\n", "\\fITARGET\\fR\nWhat to probe.\n",
        "\\fB\\-\\-config\\fR \\fIFILE\\fR [\\fITARGET\\fR...]"}) {
    CAF_CHECK(has(text, part));
  }
  CAF_CHECK(!has(text, "secret"));
}

CAF_TEST(each shell is offered every command and every option) {
  const auto program = describe(parser);
  for (const auto shell : completion_shells) {
    const auto script = completion_script(program, shell);
    const bool fish = shell == "fish";
    for (const auto* command : all_of(program)) {
      CAF_CHECK(has(script, name_of(*command)));
      for (const auto& option : command->options) {
        for (const auto& name : option.names) {
          const auto own = name.substr(name.find_first_not_of('-'));
          CAF_CHECK(has(script, fish ? (name.starts_with("--") ? "-l " : "-s ") + own : name));
        }
      }
    }
    CAF_CHECK(has(script, "one two"));
    CAF_CHECK(!has(script, "secret"));
    CAF_CHECK(!has(script, "hidden"));
  }
}

CAF_TEST(a description cannot end its quotes) {
  const auto program = describe(parser);
  CAF_CHECK(has(completion_script(program, "zsh"), "'probe:Probe it'\\''s own way: \\o/'"));
  CAF_CHECK(has(completion_script(program, "fish"), "'Probe it\\'s own way: \\\\o/'"));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace command_tree_suite
