#include "xprober/app/usage_problem.hpp"

#include <algorithm>
#include <optional>

#include "xprober/config/problem.hpp"
#include "xprober/domain/spelling.hpp"

namespace xprober::app {

namespace {

void offer_options(spelling& search, const CLI::App& command) {
  for (const auto* option : command.get_options()) {
    for (const auto& name : option->get_lnames()) {
      search.offer("--" + name);
    }
  }
}

std::string with_meant(const std::string& problem, const std::string& meant) {
  return meant.empty() ? problem : problem + "; do you mean " + meant + "?";
}

std::string unknown_command(const CLI::App& app, const std::string& word,
                            const std::map<std::string, std::string>& other_names) {
  const auto problem = "there is no command " + config::in_quotes(word);
  if (const auto other = other_names.find(word); other != other_names.end()) {
    return with_meant(problem, other->second);
  }
  if (app.get_option_no_throw("--" + word) != nullptr) {
    return with_meant(problem, "--" + word);
  }
  spelling search{word};
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    search.offer(command->get_name());
  }
  offer_options(search, app);
  return with_meant(problem, search.best());
}

std::string unknown_option(const CLI::App& command, const std::string& word) {
  const auto name = word.substr(0, word.find('='));
  spelling search{name};
  if (name.starts_with("--")) {
    offer_options(search, command);
  }
  return with_meant(command.get_name() + " has no option " + config::in_quotes(name),
                    search.best());
}

/// The first that was not understood and is an option, or is none.
std::optional<std::string> first_of(const std::vector<std::string>& words, bool option) {
  const auto found = std::ranges::find_if(words, [option](const std::string& word) {
    return (word.size() > 1 && word.front() == '-') == option;
  });
  return found == words.end() ? std::nullopt : std::optional{*found};
}

} // namespace

std::string usage_problem(const CLI::App& app, const CLI::Error& error,
                          const std::map<std::string, std::string>& other_names) {
  const auto named = app.get_subcommands();
  const auto& command = named.empty() ? app : *named.front();
  const auto words = command.remaining();
  if (const auto option = first_of(words, true);
      option && dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    return unknown_option(command, *option);
  }
  if (named.empty()) {
    if (const auto word = first_of(words, false)) {
      return unknown_command(app, *word, other_names);
    }
    if (const auto option = first_of(words, true)) {
      return unknown_option(app, *option);
    }
  }
  return error.what();
}

} // namespace xprober::app
