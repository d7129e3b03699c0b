#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/config/problem.hpp"
#include "xprober/config/yaml_tree.hpp"
#include "xprober/domain/config.hpp"

namespace xprober::config {

/// A configuration, or all that is wrong with it.
template <class Config>
struct loaded {
  Config value;                    ///< to be used only where there are no problems
  std::vector<problem> problems;   ///< in the order of their lines
  std::vector<problem> warnings{}; ///< what is allowed and hardly meant
  /// Ports that other machines reach and that have no TLS or ask for no credential: what such a
  /// file says is known, and it must not be started.
  std::vector<problem> exposed{};

  bool ok() const noexcept { return problems.empty(); }
};

/// What `xprober standalone` needs: a file with the two sections `server:` and `agent:`, each with
/// the keys of the file of that name. Differences to two separate files:
/// - where `agent.rpc_server_addr` is not given, it is where this server listens (on loopback if
///   the server listens on every interface);
/// - where `state_dir` is not given, it is empty: everything stays in memory.
struct standalone_config {
  server_config server;
  agent_config agent;

  bool operator==(const standalone_config&) const = default;
};

/// Reads the agent's file. Each override is "KEY=VALUE" with a dotted key and a value in YAML, e.g.
/// "icmp.count=1", or "KEY=@FILE" for the text in a file; it replaces what the file says. An empty
/// path stands for an empty file. A file that is one of another kind as a whole is refused as such.
loaded<agent_config> load_agent(const std::string& path,
                                const std::vector<std::string>& overrides = {},
                                reading when = reading::first);

/// Reads the server's file.
loaded<server_config> load_server(const std::string& path,
                                  const std::vector<std::string>& overrides = {},
                                  reading when = reading::first);

/// Reads a standalone file. The keys of overrides begin with "server." or "agent."; a key without
/// that goes to every section that has it.
loaded<standalone_config> load_standalone(const std::string& path,
                                          const std::vector<std::string>& overrides = {},
                                          reading when = reading::first);

/// The same for text; problems name it `name`.
loaded<agent_config> parse_agent(std::string_view text, const std::string& name,
                                 const std::vector<std::string>& overrides = {});
loaded<server_config> parse_server(std::string_view text, const std::string& name,
                                   const std::vector<std::string>& overrides = {});
loaded<standalone_config> parse_standalone(std::string_view text, const std::string& name,
                                           const std::vector<std::string>& overrides = {});

enum class file_kind : std::uint8_t { agent, server, standalone };

/// "agent", "server", "standalone".
std::string_view to_string(file_kind kind) noexcept;

struct checked {
  std::optional<file_kind> kind; ///< nothing: the file has no key that tells
  std::vector<problem> problems;
  std::vector<problem> warnings{};

  bool ok() const noexcept { return problems.empty(); }
};

/// Finds out by its keys what kind of file it is, and what is wrong with it and with the files of
/// `target_files` that are there. A port that must not be started is wrong, too.
checked check_file(const std::string& path);

} // namespace xprober::config
