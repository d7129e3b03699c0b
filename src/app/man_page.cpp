#include "xprober/app/man_page.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "xprober/base/version.hpp"
#include "xprober/domain/ascii.hpp"
#include "xprober/domain/comma_list.hpp"

namespace xprober::app {

namespace {

/// Text as groff shows it: a dash that can be copied, nothing that is taken for a request.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
    case '\\': out += "\\e"; break;
    case '-': out += "\\-"; break;
    case '\n': out += ' '; break;
    default: out += c;
    }
  }
  return out.starts_with('.') || out.starts_with('\'') ? "\\&" + out : out;
}

std::string bold(std::string_view text) { return "\\fB" + roff(text) + "\\fR"; }
std::string slanted(std::string_view text) { return "\\fI" + roff(text) + "\\fR"; }

std::string with_dashes(std::string text) {
  std::ranges::replace(text, ' ', '-');
  return text;
}

/// A text as a sentence of its own.
std::string as_sentence(const std::string& text) {
  return text.empty() || text.ends_with('.') ? text : text + ".";
}

std::string synopsis(const command_tree& command) {
  std::string line = bold(command.path);
  if (!command.options.empty()) {
    line += " [" + slanted("OPTION") + "]...";
  }
  for (const auto& option : command.options) {
    if (option.required) {
      line += " " + bold(option.names.back()) + " " + slanted(option.value);
    }
  }
  for (const auto& operand : command.operands) {
    const auto word = slanted(operand.names.front()) + (operand.repeated ? "..." : "");
    line += operand.required ? " " + word : " [" + word + "]";
  }
  if (!command.commands.empty()) {
    line += " " + slanted("COMMAND");
  }
  return line;
}

void add_option_text(std::string& out, const command_option& option, bool is_operand) {
  out += ".TP\n";
  for (std::size_t i = 0; i < option.names.size(); ++i) {
    out += (i > 0 ? ", " : "") + (is_operand ? slanted(option.names[i]) : bold(option.names[i]));
  }
  if (!is_operand && !option.value.empty()) {
    out += " " + slanted(option.value);
  }
  out += "\n" + roff(as_sentence(option.help)) + "\n";
  if (option.required) {
    out += "It must be given.\n";
  }
  if (!option.choices.empty()) {
    out += "One of " + roff(comma_list(option.choices)) + ".\n";
  } else if (option.allowed.find('[') != std::string::npos) {
    out += "Allowed: " + roff(option.allowed) + ".\n";
  }
  if (!option.preset.empty()) {
    out += "Default: " + roff(option.preset) + ".\n";
  }
}

void add_option_list(std::string& out, const command_tree& command) {
  for (const auto& operand : command.operands) {
    add_option_text(out, operand, true);
  }
  for (const auto& option : command.options) {
    add_option_text(out, option, false);
  }
}

void add_command_list(std::string& out, const command_tree& command) {
  if (command.commands.empty()) {
    return;
  }
  out += ".SH COMMANDS\n";
  for (const auto& below : command.commands) {
    out += ".TP\n" + bold(name_of(below)) + "\n" + roff(as_sentence(below.help)) + "\n";
    out += "See " + bold(with_dashes(below.path)) + "(1).\n";
  }
}

constexpr std::string_view exit_section = ".SH EXIT STATUS\n"
                                          ".TP\n0\n"
                                          "Ended in order; of commands that probe: all answered.\n"
                                          ".TP\n1\n"
                                          "Could not run, or failed; of commands that probe: some "
                                          "did not answer.\n"
                                          ".TP\n2\n"
                                          "Bad usage, or a wrong configuration.\n";

constexpr std::string_view files_section =
    ".SH FILES\n"
    ".TP\n\\fI/etc/xprober/agent.yaml\\fR, "
    "\\fI/etc/xprober/server.yaml\\fR\n"
    "The configurations of the two services; every key is explained "
    "in them.\n"
    ".TP\n\\fI/var/lib/xprober\\fR, "
    "\\fI/var/lib/xprober\\-server\\fR\n"
    "What an agent and a server keep over a restart.\n";

constexpr std::string_view environment_section =
    ".SH ENVIRONMENT\n"
    ".TP\n\\fBXPROBER_CORE_DUMPS\\fR\n"
    "With any value services may leave core dumps, which hold their secrets.\n"
    ".TP\n\\fBSSL_CERT_FILE\\fR, \\fBSSL_CERT_DIR\\fR\n"
    "The authorities that certificates are verified against, in place of the system's.\n"
    ".TP\n\\fBNO_COLOR\\fR\n"
    "With any value the full screen has no colours, see https://no\\-color.org.\n"
    ".TP\n\\fBTERM\\fR\n"
    "The terminal. One that cannot be written to at any place, as dumb, is shown lines.\n"
    ".TP\n\\fBNOTIFY_SOCKET\\fR, \\fBWATCHDOG_USEC\\fR\n"
    "Of the service manager, see \\fBsd_notify\\fR(3).\n";

std::string page_of(const command_tree& command, const command_tree& program) {
  const auto name = with_dashes(command.path);
  std::string out = ".\\\" Made by `xprober man` from the definition of the command line.\n";
  out += ".TH " + ascii::to_upper(roff(name)) + " 1 \"\" \"xprober " + roff(version) +
         "\" \"User Commands\"\n";
  out += ".SH NAME\n" + roff(name) + " \\- " + roff(command.help) + "\n";
  out += ".SH SYNOPSIS\n" + synopsis(command) + "\n";
  add_command_list(out, command);
  out += ".SH OPTIONS\n";
  add_option_list(out, command);
  out += exit_section;
  if (&command == &program) {
    out += files_section;
    out += environment_section;
  }
  out += ".SH SEE ALSO\n";
  for (const auto* other : all_of(program)) {
    if (other != &command) {
      out += bold(with_dashes(other->path)) + "(1),\n";
    }
  }
  out += "\\fBsystemctl\\fR(1)\n";
  return out;
}

} // namespace

std::vector<man_page> man_pages(const command_tree& program) {
  std::vector<man_page> pages;
  for (const auto* command : all_of(program)) {
    pages.push_back({with_dashes(command->path) + ".1", page_of(*command, program)});
  }
  return pages;
}

} // namespace xprober::app
