#include "xprober/app/token_command.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <iostream>
#include <stdexcept>

#include "xprober/app/join_office.hpp"
#include "xprober/app/table.hpp"
#include "xprober/config/checks.hpp"
#include "xprober/config/load.hpp"
#include "xprober/config/values.hpp"
#include "xprober/domain/comma_list.hpp"
#include "xprober/domain/targets/mesh_gate.hpp"
#include "xprober/domain/time_text.hpp"
#include "xprober/storage/join_file.hpp"

namespace xprober::app {

namespace {

constexpr std::chrono::hours longest_token_life{24 * 366};

/// The server's file, in which agents are to join.
server_config joining_config(const std::string& file) {
  const auto loaded = config::load_server(file);
  if (!loaded.ok()) {
    throw std::runtime_error("the server's file is wrong\n" + config::to_string(loaded.problems));
  }
  if (loaded.value.rpc.join_ca_file.empty()) {
    throw std::runtime_error(file + ": rpc.join_ca_file and rpc.join_key_file are not set, so no "
                                    "agent joins; 'xprober server init' makes what they name");
  }
  return loaded.value;
}

std::string words_of(const std::vector<std::string>& names) {
  return names.empty() ? "any" : comma_list(names);
}

template <class Body>
int tried_command(const char* name, Body body) {
  try {
    body();
    return 0;
  } catch (const std::exception& problem) {
    std::cerr << "server " << name << ": " << problem.what() << '\n';
    return 1;
  }
}

std::chrono::seconds life_of(const std::string& text) {
  return std::chrono::duration_cast<std::chrono::seconds>(*config::parse_duration(text));
}

/// One agent that has joined is revoked; false where it was before.
bool revoke_one(storage::join_file& file, const std::string& name) {
  if (file.book().find(name) == nullptr) {
    throw std::runtime_error(name + ": no agent of this name has joined; 'xprober server joined' "
                                    "lists them");
  }
  bool is_new = false;
  file.change([&](const join_book& book) -> std::string {
    is_new = book.find(name)->revoked_unix == 0;
    return is_new ? revoke_line(name, to_unix_seconds(wall_clock::now())) : std::string{};
  });
  return is_new;
}

} // namespace

std::string check_token_life(const std::string& text) {
  const auto life = config::parse_duration(text);
  return life && *life >= std::chrono::seconds{1} && *life <= longest_token_life
             ? std::string{}
             : "'" + text +
                   "' is not a duration for a token; allowed are 1s to 8784h, as in 30m or 24h";
}

std::string check_token_region(const std::string& text) { return config::check_region(text); }

std::string check_token_network(const std::string& text) {
  std::string error;
  return parse_network(text, error) ? std::string{}
                                    : "'" + text + "' is not a network: " + error +
                                          "; allowed are CIDR blocks and addresses";
}

int token_command(const token_options& options) {
  return tried_command("token", [&] {
    if (std::max(options.regions.size(), options.networks.size()) > join_token::most_names) {
      throw std::runtime_error("a token has at most " + std::to_string(join_token::most_names) +
                               " regions and as many networks; give fewer --region and --network");
    }
    const auto config = joining_config(options.config);
    const auto life = life_of(options.life);
    const auto token =
        make_join_token(read_join_authority(config.rpc), options.regions, options.networks, life);
    std::cout << token << std::endl;
    std::cerr
        << "For one agent, once, within " << options.life
        << "; region: " << words_of(options.regions) << "; address: " << words_of(options.networks)
        << ". On its machine:\n  xprober agent join --server https://SERVER:6001 --token TOKEN"
        << (options.regions.empty() ? " --region REGION" : "") << "\n";
  });
}

int revoke_command(const token_options& options) {
  return tried_command("revoke", [&] {
    const auto config = joining_config(options.config);
    storage::join_file file{config.state_dir};
    file.refresh();
    for (const auto& name : options.names) {
      std::cout << name << (revoke_one(file, name) ? " is revoked" : " was revoked before") << '\n';
    }
  });
}

int joined_command(const token_options& options) {
  return tried_command("joined", [&] {
    const auto config = joining_config(options.config);
    storage::join_file file{config.state_dir};
    file.refresh();
    table rows{{"NAME", "REGIONS", "ADDRESSES", "JOINED", "REVOKED"}};
    for (const auto& [name, agent] : file.book().agents()) {
      rows.add({name, words_of(agent.regions), words_of(agent.networks), rfc3339(agent.joined_unix),
                agent.revoked_unix == 0 ? "-" : rfc3339(agent.revoked_unix)});
    }
    rows.print(std::cout);
  });
}

} // namespace xprober::app
