#include "xprober/app/command_tree.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include <CLI/CLI.hpp>

namespace xprober::app {

namespace {

/// "{a,b}" as its words; none where it is something else.
std::vector<std::string> choices_in(std::string_view allowed) {
  std::vector<std::string> words;
  if (!allowed.starts_with('{') || !allowed.ends_with('}')) {
    return words;
  }
  allowed = allowed.substr(1, allowed.size() - 2);
  for (std::size_t begin = 0; begin <= allowed.size();) {
    const auto end = std::min(allowed.find(',', begin), allowed.size());
    words.emplace_back(allowed.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

/// The parser has "COUNT:INT in [1 - 65535]" for the word and what is allowed.
command_option described(const CLI::Option& option) {
  command_option out;
  const auto type = option.get_type_size() != 0 ? option.get_type_name() : std::string{};
  const auto colon = type.find(':');
  out.value = type.substr(0, colon);
  out.allowed = colon == std::string::npos ? std::string{} : type.substr(colon + 1);
  out.choices = choices_in(out.allowed);
  out.preset = option.get_type_size() != 0 ? option.get_default_str() : std::string{};
  out.help = option.get_description();
  out.required = option.get_required();
  out.repeated = option.get_expected_max() > 1;
  if (option.nonpositional()) {
    for (const auto& name : option.get_snames()) {
      out.names.push_back("-" + name);
    }
    for (const auto& name : option.get_lnames()) {
      out.names.push_back("--" + name);
    }
  } else {
    out.names.push_back(option.get_name(true));
  }
  return out;
}

command_tree described(const CLI::App& parser, const std::string& above) {
  command_tree out;
  out.path = above + parser.get_name();
  out.help = parser.get_description();
  for (const auto* option : parser.get_options()) {
    if (!option->get_group().empty()) {
      (option->nonpositional() ? out.options : out.operands).push_back(described(*option));
    }
  }
  for (const auto* command : parser.get_subcommands(
           [](const CLI::App* c) { return !c->get_group().empty() && !c->get_name().empty(); })) {
    out.commands.push_back(described(*command, out.path + " "));
  }
  return out;
}

} // namespace

command_tree describe(const CLI::App& parser) { return described(parser, ""); }

std::vector<const command_tree*> all_of(const command_tree& top) {
  std::vector<const command_tree*> all{&top};
  for (const auto& command : top.commands) {
    const auto below = all_of(command);
    all.insert(all.end(), below.begin(), below.end());
  }
  return all;
}

std::string name_of(const command_tree& command) {
  return command.path.substr(command.path.rfind(' ') + 1);
}

} // namespace xprober::app
