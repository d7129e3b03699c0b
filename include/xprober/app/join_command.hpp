#pragma once

#include <string>

namespace xprober::app {

/// What `xprober agent join` is told.
struct join_options {
  std::string server;                             ///< https:// or msgpacks://
  std::string token;                              ///< or @FILE
  std::string region;                             ///< empty: what the token says
  std::string host;                               ///< empty: this machine's name
  std::string config = "/etc/xprober/agent.yaml"; ///< gets the lines for it; made where missing
  std::string directory;                          ///< of the files; empty: state_dir of `config`
  std::string ca_file;        ///< whom to trust; empty: the authority that the token names
  std::string ca_fingerprint; ///< "sha256:HEX" of that authority, beside what the token says
  bool again = false;         ///< over the files of an agent that has joined
};

/// What is wrong with a server's address or a fingerprint; empty where nothing is.
std::string check_join_server(const std::string& text);
std::string check_fingerprint(const std::string& text);

/// Replaces a configuration file whole, which keeps its owner and its mode; a new one has 0644.
/// Throws std::runtime_error.
void write_config_file(const std::string& file, const std::string& text);

/// Makes a key, has the server give a certificate for it, and writes both with the authority and
/// the lines of the configuration that use them. Exit status 0; 1 where that cannot be done or is
/// refused.
int join_command(const join_options& options);

} // namespace xprober::app
