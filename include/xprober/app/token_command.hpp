#pragma once

#include <string>
#include <vector>

namespace xprober::app {

/// What `xprober server token`, `revoke` and `joined` are told.
struct token_options {
  std::string config = "/etc/xprober/server.yaml"; ///< says where the authority and the state are
  std::vector<std::string> regions;
  std::vector<std::string> networks;
  std::string life = "24h";
  std::vector<std::string> names; ///< to be revoked
};

/// What is wrong with a token's life, region or network; empty where nothing is.
std::string check_token_life(const std::string& text);
std::string check_token_region(const std::string& text);
std::string check_token_network(const std::string& text);

/// Prints a new join token, alone on standard output. Exit status 0; 1 where there is none.
int token_command(const token_options& options);

/// Writes down that agents are revoked, which a server that runs sees within seconds.
int revoke_command(const token_options& options);

/// Prints which agents have joined.
int joined_command(const token_options& options);

} // namespace xprober::app
