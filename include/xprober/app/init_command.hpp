#pragma once

#include <string>
#include <vector>

namespace xprober::app {

/// What `xprober server init` is told.
struct init_options {
  std::string directory = ".";      ///< where its files go; made where it is missing
  std::vector<std::string> names;   ///< that agents and browsers know the server by; empty: this
                                    ///< machine's
  std::vector<std::string> regions; ///< a join token for each; empty: one for any region
  std::string life = "24h";         ///< of the join tokens
};

/// What is wrong with a name, empty where nothing is: it is a host name or a numeric address.
std::string check_server_name(const std::string& name);

/// Makes an authority, the server's certificate, tokens for operators and readers, and a
/// server.yaml that names them, each file for its owner alone (where root makes them and there is
/// the services' group, for that, too), and prints join tokens and what to do with all that. A file
/// that is there is left, and then none is written, but for a server.yaml, which gets other keys.
/// Exit status 0; 1 where that cannot be done.
int init_command(const init_options& options);

} // namespace xprober::app
