#include "xprober/config/load.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "xprober/config/discovered.hpp"
#include "xprober/config/read.hpp"
#include "xprober/domain/address.hpp"

namespace xprober::config {

namespace {

/// All dotted keys that a reader asks for.
template <class Config>
key_set keys_of(void (*read)(section&, Config&)) {
  findings found;
  section top{nullptr, "", found};
  Config ignored;
  read(top, ignored);
  return found.known();
}

key_set agent_keys() { return keys_of(read_agent); }
key_set server_keys() { return keys_of(read_server); }

struct override_text {
  std::string key;
  std::string value;
  std::string origin;
};

/// Cuts "KEY=VALUE"; what is none is reported and left out.
std::vector<override_text> split(const std::vector<std::string>& overrides,
                                 std::vector<problem>& problems) {
  std::vector<override_text> result;
  for (const auto& text : overrides) {
    const auto equals = text.find('=');
    const auto key = text.substr(0, equals);
    const bool hole =
        key.empty() || key.front() == '.' || key.back() == '.' || key.find("..") != key.npos;
    if (equals == text.npos || hole) {
      problems.push_back({"--set " + quoted(text), 0, "",
                          "is not KEY=VALUE with a dotted key, as in icmp.count=1"});
      continue;
    }
    result.push_back({key, text.substr(equals + 1), "--set " + key});
  }
  return result;
}

/// The keys of a standalone file that an override's key means.
std::vector<std::string> standalone_keys(const std::string& key, const key_set& agent,
                                         const key_set& server) {
  const auto section = key.substr(0, key.find('.'));
  if (section == "agent" || section == "server") {
    return {key};
  }
  std::vector<std::string> result;
  if (server.contains(key)) {
    result.push_back("server." + key);
  }
  // What is in a section that only agents have is theirs, though it may be misspelled, or a
  // header's name.
  const bool in_agent_section = section != key && agent.contains(section);
  if (agent.contains(key) || (result.empty() && in_agent_section && !server.contains(section))) {
    result.push_back("agent." + key);
  }
  return result.empty() ? std::vector{key} : result;
}

node_ptr with_overrides(node_ptr root, const std::vector<override_text>& overrides,
                        std::vector<problem>& problems) {
  for (const auto& [key, value, origin] : overrides) {
    root = with_override(root, key, value, origin, problems);
  }
  return root;
}

/// A file is a map of keys, or empty.
bool is_map_of_keys(const node& root, findings& found) {
  if (root.kind == node::type::map || root.kind == node::type::null) {
    return true;
  }
  found.add(root, "",
            "the file is " + std::string{to_string(root.kind)} +
                "; allowed are keys with their values, as in log_level: info");
  return false;
}

/// Reads a file of one kind out of its tree.
template <class Config>
loaded<Config> read_tree(node_ptr root, findings found, const std::vector<override_text>& overrides,
                         void (*read)(section&, Config&), const key_set& others,
                         std::string_view other_name) {
  loaded<Config> result;
  if (root && is_map_of_keys(*root, found)) {
    root = with_overrides(root, overrides, found.list());
    section top{root, "", found};
    read(top, result.value);
    found.report_unknown(others, other_name);
  }
  result.problems = found.take();
  return result;
}

/// Where an agent of the same process reaches the server.
std::string address_of(const server_config& server) {
  std::string error;
  auto address = parse_host_port(server.rpc_listen_addr, error).value_or(host_port{});
  if (address.host.empty() || address.host == "0.0.0.0") {
    address.host = "127.0.0.1";
  } else if (address.host == "::") {
    address.host = "::1";
  }
  return (server.rpc.cert_file.empty() ? "" : "msgpacks://") + to_string(address);
}

void read_standalone(section& top, standalone_config& out) {
  out.server.state_dir.clear();
  out.agent.state_dir.clear();
  auto server = top.below("server");
  read_server(server, out.server);
  auto agent = top.below("agent");
  read_agent(agent, out.agent);
  if (!agent.has("rpc_server_addr")) {
    out.agent.rpc_server_addr = {address_of(out.server)};
  }
  if (!out.agent.state_dir.empty() && out.agent.state_dir == out.server.state_dir) {
    agent.report("state_dir", "is the server's, too; allowed are two different directories");
  }
  top.finish();
}

loaded<agent_config> agent_of(node_ptr root, findings found,
                              const std::vector<std::string>& overrides) {
  const auto parts = split(overrides, found.list());
  return read_tree<agent_config>(std::move(root), std::move(found), parts, read_agent,
                                 server_keys(), "the server's file");
}

loaded<server_config> server_of(node_ptr root, findings found,
                                const std::vector<std::string>& overrides) {
  const auto parts = split(overrides, found.list());
  return read_tree<server_config>(std::move(root), std::move(found), parts, read_server,
                                  agent_keys(), "the agent's file");
}

loaded<standalone_config> standalone_of(node_ptr root, findings found,
                                        const std::vector<std::string>& overrides) {
  const auto agent = agent_keys();
  const auto server = server_keys();
  std::vector<override_text> placed;
  for (const auto& [key, value, origin] : split(overrides, found.list())) {
    for (const auto& full : standalone_keys(key, agent, server)) {
      placed.push_back({full, value, origin});
    }
  }
  key_set others = agent;
  others.insert(server.begin(), server.end());
  return read_tree<standalone_config>(std::move(root), std::move(found), placed, read_standalone,
                                      others, "the section agent: or server:");
}

/// The tree of a file, of an empty one where there is no path.
node_ptr tree_of_file(const std::string& path, findings& found) {
  found.look_into_files();
  return path.empty() ? parse_yaml("", "defaults", found.list()) : load_yaml(path, found.list());
}

std::optional<file_kind> kind_of(const node& root) {
  const auto agent = agent_keys();
  const auto server = server_keys();
  int only_agent = 0;
  int only_server = 0;
  for (std::size_t i = 0; root.kind == node::type::map && i < root.children.size(); i += 2) {
    const auto& key = root.children[i]->text;
    if (key == "agent" || key == "server") {
      return file_kind::standalone;
    }
    only_agent += agent.contains(key) && !server.contains(key) ? 1 : 0;
    only_server += server.contains(key) && !agent.contains(key) ? 1 : 0;
  }
  if (only_agent == 0 && only_server == 0) {
    return std::nullopt;
  }
  return only_agent >= only_server ? file_kind::agent : file_kind::server;
}

} // namespace

loaded<agent_config> load_agent(const std::string& path,
                                const std::vector<std::string>& overrides) {
  findings found;
  auto root = tree_of_file(path, found);
  return agent_of(std::move(root), std::move(found), overrides);
}

loaded<server_config> load_server(const std::string& path,
                                  const std::vector<std::string>& overrides) {
  findings found;
  auto root = tree_of_file(path, found);
  return server_of(std::move(root), std::move(found), overrides);
}

loaded<standalone_config> load_standalone(const std::string& path,
                                          const std::vector<std::string>& overrides) {
  findings found;
  auto root = tree_of_file(path, found);
  return standalone_of(std::move(root), std::move(found), overrides);
}

loaded<agent_config> parse_agent(std::string_view text, const std::string& name,
                                 const std::vector<std::string>& overrides) {
  findings found;
  auto root = parse_yaml(text, name, found.list());
  return agent_of(std::move(root), std::move(found), overrides);
}

loaded<server_config> parse_server(std::string_view text, const std::string& name,
                                   const std::vector<std::string>& overrides) {
  findings found;
  auto root = parse_yaml(text, name, found.list());
  return server_of(std::move(root), std::move(found), overrides);
}

loaded<standalone_config> parse_standalone(std::string_view text, const std::string& name,
                                           const std::vector<std::string>& overrides) {
  findings found;
  auto root = parse_yaml(text, name, found.list());
  return standalone_of(std::move(root), std::move(found), overrides);
}

std::string_view to_string(file_kind kind) noexcept {
  constexpr std::array<std::string_view, 3> names{"agent", "server", "standalone"};
  return names[static_cast<std::size_t>(kind)];
}

checked check_file(const std::string& path) {
  findings found;
  found.look_into_files();
  auto root = load_yaml(path, found.list());
  if (!root) {
    return {std::nullopt, found.take()};
  }
  const auto kind = kind_of(*root);
  const auto with_lists = [](const server_config& server, std::vector<problem> problems) {
    if (problems.empty()) {
      check_target_files(server, problems);
    }
    return problems;
  };
  switch (kind.value_or(file_kind::agent)) {
  case file_kind::standalone: {
    const auto read = standalone_of(std::move(root), std::move(found), {});
    return {kind, with_lists(read.value.server, read.problems)};
  }
  case file_kind::server: {
    const auto read = server_of(std::move(root), std::move(found), {});
    return {kind, with_lists(read.value, read.problems)};
  }
  case file_kind::agent: break;
  }
  return {kind, agent_of(std::move(root), std::move(found), {}).problems};
}

} // namespace xprober::config
