#include "xprober/app/init_command.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xprober/app/join_command.hpp"
#include "xprober/app/join_office.hpp"
#include "xprober/base/certificate_maker.hpp"
#include "xprober/base/machine_names.hpp"
#include "xprober/base/random_text.hpp"
#include "xprober/base/read_file.hpp"
#include "xprober/config/file_edit.hpp"
#include "xprober/config/load.hpp"
#include "xprober/config/problem.hpp"
#include "xprober/config/values.hpp"
#include "xprober/domain/address.hpp"
#include "xprober/domain/base64.hpp"
#include "xprober/domain/comma_list.hpp"
#include "xprober/net/http_types.hpp"

namespace xprober::app {

namespace {

namespace fs = std::filesystem;

/// Name and content.
using init_file = std::pair<std::string, std::string>;

constexpr const char* server_file_name = "server.yaml";
constexpr std::uint64_t longest_server_file = std::uint64_t{64} << 20U;

std::string why_now(const fs::path& file, const std::string& what) {
  return file.string() + ": " + what + ": " + std::generic_category().message(errno);
}

/// For its owner alone, and never over one that is there.
void write_new(const fs::path& file, const std::string& content) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg)
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    throw std::runtime_error(why_now(file, "cannot be made"));
  }
  std::string_view rest = content;
  bool written = true;
  while (written && !rest.empty()) {
    const auto count = ::write(descriptor, rest.data(), rest.size());
    written = count > 0 || (count < 0 && errno == EINTR);
    rest.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
  }
  written = written && ::fsync(descriptor) == 0;
  const auto problem = written ? std::string{} : why_now(file, "cannot be written");
  ::close(descriptor);
  if (!written) {
    ::unlink(file.c_str());
    throw std::runtime_error(problem);
  }
}

/// All of them or none.
void write_all(const fs::path& directory, const std::vector<init_file>& files) {
  for (const auto& [name, content] : files) {
    if (fs::exists(fs::symlink_status(directory / name))) {
      throw std::runtime_error((directory / name).string() +
                               ": is there already; nothing was written. Choose another directory "
                               "with --dir, or move what is there away");
    }
  }
  std::vector<fs::path> done;
  try {
    for (const auto& [name, content] : files) {
      write_new(directory / name, content);
      done.push_back(directory / name);
    }
  } catch (...) {
    std::error_code ignored;
    for (const auto& file : done) {
      fs::remove(file, ignored);
    }
    throw;
  }
}

std::string listed_names(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) {
    if (!parse_ip(name)) {
      append_listed(list, net::json_quote(name));
    }
  }
  return list;
}

/// What of a server.yaml is this command's.
std::string server_lines(const fs::path& directory, const std::vector<std::string>& names) {
  const auto path = [&](const char* name) { return net::json_quote((directory / name).string()); };
  const auto certificate =
      "  cert_file: " + path("server.pem") + "\n  key_file: " + path("server.key") + "\n";
  return "rpc_listen_addr: :6001\n"
         "metrics_listen_addr: :6002\n"
         "rpc:\n" +
         certificate + "  join_ca_file: " + path("ca.pem") +
         "\n  join_key_file: " + path("ca.key") + "\nweb:\n" + certificate +
         "  token_file: " + path("operators.token") +
         "\n  read_token_file: " + path("readers.token") + "\n  allowed_hosts: [" +
         listed_names(names) + "]\n";
}

/// A server.yaml that is there keeps all other keys, such as the package's.
std::string server_file(const fs::path& directory, const std::vector<std::string>& names) {
  const auto lines = server_lines(directory, names);
  const auto file = (directory / server_file_name).string();
  if (!fs::exists(file)) {
    return "# Every other key, with its default: config/server.yaml.\nprober_targets: []\n" + lines;
  }
  const auto read = read_file(file, longest_server_file);
  if (!read.ok()) {
    throw std::runtime_error(read.error);
  }
  auto text =
      config::with_other_keys(read.text, {"rpc_listen_addr", "metrics_listen_addr", "rpc", "web"},
                              "# From 'xprober server init'.\n" + lines);
  if (const auto loaded = config::parse_server(text, file); !loaded.ok()) {
    throw std::runtime_error(file + ": is there, and cannot get the keys of this server:\n" +
                             config::to_string(loaded.problems));
  }
  return text;
}

/// The regions of the agents, and the options of their `agent join`.
using token_options = std::vector<std::pair<std::string, std::string>>;

/// What is printed of the next steps.
std::string what_to_do(const fs::path& directory, const std::string& name,
                       const token_options& commands) {
  const auto in = (directory / "").string();
  auto text = "Made in " + in +
              ":\n"
              "  ca.pem, ca.key            an authority, by which agents join\n"
              "  server.pem, server.key    this server's certificate, for 825 days\n"
              "  operators.token           to sign in with at the pages, for everything\n"
              "  readers.token             the same for looking only, and for Prometheus\n"
              "  server.yaml               has them all; add prober_targets\n\n"
              "Start the server:\n  " +
              (in == "/etc/xprober/" ? "systemctl enable --now xprober-server"
                                     : "xprober server --config " + in + "server.yaml") +
              "\n\nOn an agent's machine; each token is for one, and once:\n";
  for (const auto& [region, command] : commands) {
    text.append("  # ")
        .append(region)
        .append("\n  xprober agent join --server https://")
        .append(name)
        .append(":6001 ")
        .append(command)
        .append("\n");
  }
  return text + "\nMore of them: xprober server token --config " + in + "server.yaml\n";
}

token_options join_tokens(const made_certificate& authority, const init_options& options) {
  const auto life =
      std::chrono::duration_cast<std::chrono::seconds>(*config::parse_duration(options.life));
  token_options commands;
  commands.reserve(options.regions.size());
  for (const auto& region : options.regions) {
    commands.emplace_back(region, "--token " + make_join_token(authority, {region}, {}, life));
  }
  if (commands.empty()) {
    commands.emplace_back("any region",
                          "--region REGION --token " + make_join_token(authority, {}, {}, life));
  }
  return commands;
}

/// The package's server is in this group and has no other way to what root has made; the agent of
/// the same machine, which strangers' answers are read by, is not.
constexpr const char* servers_group = "xprober-keys";

void let_server_read(const fs::path& directory, const std::vector<init_file>& files) {
  const auto* group = ::geteuid() == 0 ? ::getgrnam(servers_group) : nullptr;
  for (const auto& [name, content] : files) {
    const auto file = (directory / name).string();
    if (group != nullptr && (::chown(file.c_str(), 0, group->gr_gid) != 0 ||
                             ::chmod(file.c_str(), S_IRUSR | S_IWUSR | S_IRGRP) != 0)) {
      throw std::runtime_error(
          why_now(file, std::string{"cannot be given to the group "} + servers_group));
    }
  }
}

void make_files(const init_options& options) {
  auto names = options.names.empty() ? machine_names() : options.names;
  if (options.names.empty()) {
    std::erase_if(names, [](const std::string& name) { return !check_server_name(name).empty(); });
  }
  const auto first = names.empty() ? std::string{"localhost"} : names.front();
  // The machine's own probes and its operator come this way.
  for (const auto* own : {"localhost", "127.0.0.1", "::1"}) {
    if (std::ranges::find(names, own) == names.end()) {
      names.emplace_back(own);
    }
  }
  const auto directory = fs::absolute(options.directory).lexically_normal();
  if (!fs::exists(directory) && ::mkdir(directory.c_str(), 0700) != 0) {
    throw std::runtime_error(why_now(directory, "the directory cannot be made"));
  }
  const auto authority = make_authority();
  const auto server = issue_server_certificate(authority, names);
  const auto configuration = server_file(directory, names);
  std::vector<init_file> files{
      {"ca.pem", authority.certificate},         {"ca.key", authority.key},
      {"server.pem", server.certificate},        {"server.key", server.key},
      {"operators.token", random_text() + "\n"}, {"readers.token", random_text() + "\n"}};
  const bool has_configuration = fs::exists(directory / server_file_name);
  if (!has_configuration) {
    files.emplace_back(server_file_name, configuration);
  }
  write_all(directory, files);
  let_server_read(directory, files);
  if (has_configuration) {
    write_config_file((directory / server_file_name).string(), configuration);
  }
  std::cout << what_to_do(
      directory, parse_ip(first) && first.find(':') != first.npos ? "[" + first + "]" : first,
      join_tokens(authority, options));
}

} // namespace

std::string check_server_name(const std::string& name) {
  return is_host_name(name) || parse_ip(name)
             ? std::string{}
             : config::in_quotes(name) +
                   " is not a name; allowed are host names and addresses without a port";
}

int init_command(const init_options& options) {
  try {
    make_files(options);
    return 0;
  } catch (const std::exception& problem) {
    std::cerr << "server init: " << problem.what() << '\n';
    return 1;
  }
}

} // namespace xprober::app
