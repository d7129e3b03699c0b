#include "xprober/app/completion.hpp"

#include <algorithm>
#include <vector>

namespace xprober::app {

namespace {

/// Text in single quotes: sh, zsh.
std::string shell_quoted(std::string_view text) {
  std::string out{"'"};
  for (const char c : text) {
    out += c == '\'' ? std::string{"'\\''"} : std::string(1, c);
  }
  return out + "'";
}

std::string joined_words(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) {
    out += (out.empty() ? "" : " ") + word;
  }
  return out;
}

std::vector<std::string> option_names(const command_tree& command) {
  std::vector<std::string> names;
  for (const auto& option : command.options) {
    names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

std::vector<std::string> command_names(const command_tree& command) {
  std::vector<std::string> names;
  names.reserve(command.commands.size());
  for (const auto& below : command.commands) {
    names.push_back(name_of(below));
  }
  return names;
}

bool takes_file(const command_option& option) { return option.value == "FILE"; }

/// What stands behind the options is a file, as the parser names it.
bool has_file_operand(const command_tree& command) {
  return std::ranges::any_of(command.operands,
                             [](const auto& operand) { return operand.names.front() == "FILE"; });
}

const std::vector<std::string>& operand_choices(const command_tree& command) {
  static const std::vector<std::string> none;
  return command.operands.empty() ? none : command.operands.front().choices;
}

/// "'xprober agent --config'|'xprober agent -c'": a pattern of `case` for a command and an option.
std::string option_pattern(const command_tree& command, const command_option& option) {
  std::string out;
  for (const auto& name : option.names) {
    out += (out.empty() ? "" : "|") + shell_quoted(command.path + " " + name);
  }
  return out;
}

/// Lines of bash and zsh that find out which command the words before the cursor name.
std::string command_search(const command_tree& program, std::string_view head) {
  std::string patterns;
  for (const auto* command : all_of(program)) {
    if (command != &program) {
      patterns += (patterns.empty() ? "" : "|") + shell_quoted(command->path);
    }
  }
  return "  local command=" + program.path + " i\n" + std::string{head} +
         "    case \"$command ${words[i]}\" in\n"
         "      " +
         patterns +
         ") command=\"$command ${words[i]}\" ;;\n"
         "    esac\n"
         "  done\n";
}

// -- bash: https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html

std::string bash_script(const command_tree& program) {
  const std::string offer = "mapfile -t COMPREPLY < <(compgen ";
  const std::string files = "compopt -o filenames; " + offer + "-f -- \"$current\")";
  std::string out = "# Completions of bash for xprober, made by `xprober completion bash`.\n"
                    "_xprober() {\n"
                    "  local words=(\"${COMP_WORDS[@]}\") current=${COMP_WORDS[COMP_CWORD]}\n";
  out += command_search(program, "  for ((i = 1; i < COMP_CWORD; i++)); do\n");
  out += "  case \"$command ${COMP_WORDS[COMP_CWORD-1]}\" in\n";
  for (const auto* command : all_of(program)) {
    for (const auto& option : command->options) {
      if (option.value.empty()) {
        continue;
      }
      const auto words =
          option.choices.empty()
              ? (takes_file(option) ? files : std::string{"COMPREPLY=()"})
              : offer + "-W " + shell_quoted(joined_words(option.choices)) + " -- \"$current\")";
      out += "    " + option_pattern(*command, option) + ") " + words + "; return ;;\n";
    }
  }
  out += "  esac\n"
         "  local offered=\n"
         "  case \"$command\" in\n";
  for (const auto* command : all_of(program)) {
    auto words = command_names(*command);
    const auto& choices = operand_choices(*command);
    words.insert(words.end(), choices.begin(), choices.end());
    out += "    " + shell_quoted(command->path) + ")\n" +
           "      if [[ $current == -* ]]; then offered=" +
           shell_quoted(joined_words(option_names(*command))) +
           "; else offered=" + shell_quoted(joined_words(words)) + "; fi\n";
    if (has_file_operand(*command)) {
      out += "      if [[ $current != -* ]]; then " + files + "; return; fi\n";
    }
    out += "      ;;\n";
  }
  out += "  esac\n"
         "  " +
         offer +
         "-W \"$offered\" -- \"$current\")\n"
         "}\n"
         "complete -F _xprober xprober\n";
  return out;
}

// -- zsh: https://zsh.sourceforge.io/Doc/Release/Completion-System.html, _describe

/// "NAME:what it is", as _describe takes it.
std::string zsh_entry(std::string_view name, std::string_view help) {
  std::string entry;
  for (const char c : name) {
    entry += c == ':' ? std::string{"\\:"} : std::string(1, c);
  }
  return shell_quoted(entry + ":" + std::string{help});
}

std::string zsh_script(const command_tree& program) {
  std::string out = "#compdef xprober\n"
                    "# Completions of zsh for xprober, made by `xprober completion zsh`.\n"
                    "_xprober() {\n"
                    "  local -a own_options own_commands\n";
  out += command_search(program, "  for ((i = 2; i < CURRENT; i++)); do\n");
  out += "  case \"$command ${words[CURRENT-1]}\" in\n";
  for (const auto* command : all_of(program)) {
    for (const auto& option : command->options) {
      if (option.value.empty()) {
        continue;
      }
      auto does =
          takes_file(option) ? std::string{"_files"} : "_message " + shell_quoted(option.value);
      if (!option.choices.empty()) {
        does = "compadd -- " + joined_words(option.choices);
      }
      out += "    " + option_pattern(*command, option) + ") " + does + "; return ;;\n";
    }
  }
  out += "  esac\n"
         "  case \"$command\" in\n";
  for (const auto* command : all_of(program)) {
    out += "    " + shell_quoted(command->path) + ")\n      own_options=(\n";
    for (const auto& option : command->options) {
      for (const auto& name : option.names) {
        out += "        " + zsh_entry(name, option.help) + "\n";
      }
    }
    out += "      )\n      own_commands=(\n";
    for (const auto& below : command->commands) {
      out += "        " + zsh_entry(name_of(below), below.help) + "\n";
    }
    for (const auto& choice : operand_choices(*command)) {
      out += "        " + zsh_entry(choice, choice) + "\n";
    }
    out += "      )\n      ;;\n";
  }
  out += "  esac\n"
         "  if [[ ${words[CURRENT]} == -* ]]; then\n"
         "    _describe -o option own_options\n"
         "  elif (( ${#own_commands} )); then\n"
         "    _describe command own_commands\n"
         "  else\n"
         "    _files\n"
         "  fi\n"
         "}\n"
         "_xprober \"$@\"\n";
  return out;
}

// -- fish: https://fishshell.com/docs/current/cmds/complete.html

std::string fish_quoted(std::string_view text) {
  std::string out{"'"};
  for (const char c : text) {
    if (c == '\'' || c == '\\') {
      out += '\\';
    }
    out += c;
  }
  return out + "'";
}

/// True where the words before the cursor name this command and none below it.
std::string fish_condition(const command_tree& command) {
  std::string out;
  auto rest = std::string_view{command.path};
  for (auto space = rest.find(' '); space != std::string_view::npos; space = rest.find(' ')) {
    rest.remove_prefix(space + 1);
    out += (out.empty() ? "" : "; and ") + std::string{"__fish_seen_subcommand_from "} +
           std::string{rest.substr(0, rest.find(' '))};
  }
  if (const auto below = joined_words(command_names(command)); !below.empty()) {
    out += (out.empty() ? "" : "; and ") + std::string{"not __fish_seen_subcommand_from "} + below;
  }
  return fish_quoted(out);
}

std::string fish_script(const command_tree& program) {
  std::string out = "# Completions of fish for xprober, made by `xprober completion fish`.\n"
                    "complete -c xprober -f\n";
  for (const auto* command : all_of(program)) {
    const auto begin = "complete -c xprober -n " + fish_condition(*command);
    for (const auto& below : command->commands) {
      out += begin + " -a " + name_of(below) + " -d " + fish_quoted(below.help) + "\n";
    }
    for (const auto& option : command->options) {
      out += begin;
      for (const auto& name : option.names) {
        out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      if (!option.value.empty()) {
        out += takes_file(option) ? " -r -F" : " -x";
      }
      if (!option.choices.empty()) {
        out += " -a " + fish_quoted(joined_words(option.choices));
      }
      out += " -d " + fish_quoted(option.help) + "\n";
    }
    if (has_file_operand(*command)) {
      out += begin + " -F\n";
    }
    if (const auto& choices = operand_choices(*command); !choices.empty()) {
      out += begin + " -a " + fish_quoted(joined_words(choices)) + "\n";
    }
  }
  return out;
}

} // namespace

std::string completion_script(const command_tree& program, std::string_view shell) {
  if (shell == "zsh") {
    return zsh_script(program);
  }
  return shell == "fish" ? fish_script(program) : bash_script(program);
}

} // namespace xprober::app
