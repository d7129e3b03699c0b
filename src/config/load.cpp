#include "xprober/config/load.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "xprober/base/read_file.hpp"
#include "xprober/config/discovered.hpp"
#include "xprober/config/read.hpp"
#include "xprober/config/warnings.hpp"
#include "xprober/domain/address.hpp"

namespace xprober::config {

namespace {

/// In the place of a file's name where there is none.
constexpr std::string_view no_file = "defaults";

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
  bool is_yaml = true; ///< else a text as it is
};

/// The value that "@FILE" stands for, which shows in no list of processes: the text in the file, as
/// a text, without its last line end. "@@" is an '@' of the value itself.
override_text value_of(std::string key, std::string value, std::vector<problem>& problems) {
  override_text out{std::move(key), std::move(value), {}};
  out.origin = "--set " + out.key;
  if (out.value.starts_with("@@")) {
    out.value.erase(0, 1);
  } else if (out.value.starts_with('@')) {
    auto read = read_secret_file(out.key, out.value.substr(1));
    if (!read.ok()) {
      problems.push_back({out.origin, 0, "", read.error.substr(out.key.size() + 2)});
    }
    out.value = std::move(read.text);
    out.is_yaml = false;
  }
  return out;
}

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
      problems.push_back({"--set " + in_quotes(text), 0, "",
                          "is not KEY=VALUE or KEY=@FILE with a dotted key, as in icmp.count=1"});
      continue;
    }
    const auto before = problems.size();
    auto one = value_of(key, text.substr(equals + 1), problems);
    if (problems.size() == before) {
      result.push_back(std::move(one));
    }
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
  for (const auto& each : overrides) {
    root = each.is_yaml ? with_override(root, each.key, each.value, each.origin, problems)
                        : with_text(root, each.key, each.value, each.origin, problems);
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

/// The keys of a file that tell its kind.
struct telling_keys {
  explicit telling_keys(const node& root) {
    const auto agent = agent_keys();
    const auto server = server_keys();
    for (std::size_t i = 0; root.kind == node::type::map && i + 1 < root.children.size(); i += 2) {
      const auto& key = root.children[i];
      const auto& name = key->text;
      if (name == "agent" || name == "server") {
        sections.push_back(key);
      } else if (agent.contains(name) != server.contains(name)) {
        (agent.contains(name) ? of_agent : of_server).push_back(key);
      }
    }
  }

  std::vector<node_ptr> of_agent;  ///< those that only agents have
  std::vector<node_ptr> of_server; ///< those that only servers have
  std::vector<node_ptr> sections;  ///< `agent` and `server`
};

std::optional<file_kind> kind_of(const node& root) {
  const telling_keys keys{root};
  if (!keys.sections.empty()) {
    return file_kind::standalone;
  }
  if (keys.of_agent.empty() && keys.of_server.empty()) {
    return std::nullopt;
  }
  return keys.of_agent.size() >= keys.of_server.size() ? file_kind::agent : file_kind::server;
}

/// A whole file of another kind is said to be one, instead of each of its keys to be unknown. A
/// single key may be a mistake.
bool is_file_of(file_kind wanted, const node& root, findings& found) {
  constexpr std::array<std::string_view, 3> owners{"an agent", "a server", "`xprober standalone`"};
  const telling_keys keys{root};
  const auto refuse = [&](const node& key, std::string_view is, std::string_view advice) {
    found.add(key, key.text,
              "this is the configuration of " + std::string{is} + ", not of " +
                  std::string{owners[static_cast<std::size_t>(wanted)]} + "; " +
                  std::string{advice});
    return false;
  };
  constexpr std::string_view for_agent = "start it with `xprober agent`";
  constexpr std::string_view for_server = "start it with `xprober server`";
  if (wanted == file_kind::standalone) {
    if (keys.sections.empty() && keys.of_agent.size() + keys.of_server.size() > 1) {
      const bool agents = keys.of_agent.size() >= keys.of_server.size();
      return refuse(agents ? *keys.of_agent.front() : *keys.of_server.front(),
                    agents ? "an agent" : "a server",
                    std::string{agents ? for_agent : for_server} + ", or indent it below " +
                        (agents ? "agent:" : "server:"));
    }
    return true;
  }
  const auto& own = wanted == file_kind::agent ? keys.of_agent : keys.of_server;
  const auto& other = wanted == file_kind::agent ? keys.of_server : keys.of_agent;
  if (!keys.sections.empty() && own.empty()) {
    return refuse(*keys.sections.front(), "both, as `xprober standalone` has it",
                  "start it with that, or take out the part that is needed");
  }
  if (own.empty() && other.size() > 1) {
    return refuse(*other.front(), wanted == file_kind::agent ? "a server" : "an agent",
                  wanted == file_kind::agent ? for_server : for_agent);
  }
  return true;
}

/// Reads a file of one kind out of its tree.
template <class Config>
loaded<Config> read_tree(file_kind kind, node_ptr root, findings found,
                         const std::vector<override_text>& overrides,
                         void (*read)(section&, Config&), const key_set& others,
                         std::string_view other_name) {
  loaded<Config> result;
  if (root && is_map_of_keys(*root, found) && is_file_of(kind, *root, found)) {
    if (root->kind == node::type::null && overrides.empty() && *root->origin != no_file) {
      found.warn({*root->origin, 0, "", "is empty; everything is at its default"});
    }
    root = with_overrides(root, overrides, found.list());
    section top{root, "", found};
    read(top, result.value);
    found.report_unknown(others, other_name);
  }
  result.warnings = found.take_warnings();
  result.exposed = found.take_exposed();
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
  if (const auto of_server = top.value("server")) {
    warn_of_unknown_types(out.server, out.agent, *of_server, top.found());
  }
  top.finish();
}

loaded<agent_config> agent_of(node_ptr root, findings found,
                              const std::vector<std::string>& overrides) {
  const auto parts = split(overrides, found.list());
  return read_tree<agent_config>(file_kind::agent, std::move(root), std::move(found), parts,
                                 read_agent, server_keys(), "the server's file");
}

loaded<server_config> server_of(node_ptr root, findings found,
                                const std::vector<std::string>& overrides) {
  const auto parts = split(overrides, found.list());
  return read_tree<server_config>(file_kind::server, std::move(root), std::move(found), parts,
                                  read_server, agent_keys(), "the agent's file");
}

loaded<standalone_config> standalone_of(node_ptr root, findings found,
                                        const std::vector<std::string>& overrides) {
  const auto agent = agent_keys();
  const auto server = server_keys();
  std::vector<override_text> placed;
  for (const auto& each : split(overrides, found.list())) {
    for (const auto& full : standalone_keys(each.key, agent, server)) {
      placed.push_back({full, each.value, each.origin, each.is_yaml});
    }
  }
  key_set others = agent;
  others.insert(server.begin(), server.end());
  return read_tree<standalone_config>(file_kind::standalone, std::move(root), std::move(found),
                                      placed, read_standalone, others,
                                      "the section agent: or server:");
}

/// The tree of a file, of an empty one where there is no path.
node_ptr tree_of_file(const std::string& path, reading when, findings& found) {
  found.look_into_files();
  return path.empty() ? parse_yaml("", std::string{no_file}, found.list())
                      : load_yaml(path, found.list(), when);
}

} // namespace

loaded<agent_config> load_agent(const std::string& path, const std::vector<std::string>& overrides,
                                reading when) {
  findings found;
  auto root = tree_of_file(path, when, found);
  return agent_of(std::move(root), std::move(found), overrides);
}

loaded<server_config> load_server(const std::string& path,
                                  const std::vector<std::string>& overrides, reading when) {
  findings found;
  auto root = tree_of_file(path, when, found);
  return server_of(std::move(root), std::move(found), overrides);
}

loaded<standalone_config> load_standalone(const std::string& path,
                                          const std::vector<std::string>& overrides, reading when) {
  findings found;
  auto root = tree_of_file(path, when, found);
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
  const auto result = [&](auto read, const server_config* server) {
    read.problems.insert(read.problems.end(), read.exposed.begin(), read.exposed.end());
    if (read.problems.empty() && server != nullptr) {
      check_target_files(*server, read.problems, read.warnings);
    }
    return checked{kind, std::move(read.problems), std::move(read.warnings)};
  };
  switch (kind.value_or(file_kind::agent)) {
  case file_kind::standalone: {
    auto read = standalone_of(std::move(root), std::move(found), {});
    const auto server = std::move(read.value.server);
    return result(std::move(read), &server);
  }
  case file_kind::server: {
    auto read = server_of(std::move(root), std::move(found), {});
    const auto server = std::move(read.value);
    return result(std::move(read), &server);
  }
  case file_kind::agent: break;
  }
  return result(agent_of(std::move(root), std::move(found), {}), nullptr);
}

} // namespace xprober::config
