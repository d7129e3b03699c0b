#include "xprober/app/join_command.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <exception>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xprober/base/certificate_maker.hpp"
#include "xprober/base/machine_names.hpp"
#include "xprober/base/private_files.hpp"
#include "xprober/base/read_file.hpp"
#include "xprober/config/file_edit.hpp"
#include "xprober/config/load.hpp"
#include "xprober/config/yaml_lines.hpp"
#include "xprober/domain/ascii.hpp"
#include "xprober/domain/hex.hpp"
#include "xprober/domain/join_token.hpp"
#include "xprober/net/endpoint.hpp"
#include "xprober/net/tls.hpp"
#include "xprober/rpc/join_client.hpp"
#include "xprober/rpc/join_desk.hpp"
#include "xprober/storage/join_file.hpp"

namespace xprober::app {

namespace {

namespace fs = std::filesystem;
namespace asio = boost::asio;

constexpr std::chrono::seconds longest_question{30};
constexpr std::uint64_t longest_config = std::uint64_t{64} << 20U;
constexpr std::uint64_t longest_secret = std::uint64_t{64} << 10U;
constexpr std::string_view fingerprint_begin = "sha256:";
constexpr const char* key_end = ".key"; ///< of the key's file, until all is done

[[noreturn]] void fail_to_join(const std::string& why) { throw std::runtime_error(why); }

/// The token itself, or what is in the file that stands behind an @.
std::string token_of(const std::string& given) {
  if (!given.starts_with('@')) {
    return given;
  }
  auto read = read_input(given.substr(1), longest_secret);
  if (!read.ok()) {
    fail_to_join("--token: " + read.error);
  }
  while (!read.text.empty() && (read.text.back() == '\n' || read.text.back() == '\r')) {
    read.text.pop_back();
  }
  return std::move(read.text);
}

/// The text of the configuration; empty where there is no such file.
std::string config_text(const std::string& file) {
  if (!fs::exists(file)) {
    return {};
  }
  auto read = read_file(file, longest_config);
  if (!read.ok()) {
    fail_to_join("--config: " + read.error);
  }
  return std::move(read.text);
}

/// A configuration that is wrong stays as it is, and so does the token.
agent_config config_in(const std::string& text, const std::string& name) {
  const auto loaded = config::parse_agent(text.empty() ? "{}" : text, name);
  if (!loaded.ok()) {
    fail_to_join(config::to_string(loaded.problems));
  }
  return loaded.value;
}

/// What is agreed on before anything is sent.
struct join_plan {
  join_options options;
  std::string token_text;
  join_token token;
  net::endpoint server;
  std::string config_file;
  std::string config; ///< its text
  fs::path directory;
  std::string certificate_file; ///< with the key
  std::string authority_file;
};

std::string fingerprint_of(const std::string& hash) {
  return std::string{fingerprint_begin} + hex_text(hash);
}

/// Both speak of the server's authority, and nothing is sent where they differ.
void check_fingerprints(const join_plan& plan) {
  const auto wanted = fingerprint_of(plan.token.authority);
  const auto& given = plan.options.ca_fingerprint;
  if (!given.empty() && given != wanted) {
    fail_to_join("--token: is of a server whose authority is " + wanted +
                 ", but --ca-fingerprint is " + given);
  }
}

join_plan plan_of(const join_options& options) {
  join_plan plan;
  plan.options = options;
  plan.token_text = token_of(options.token);
  std::string error;
  const auto token = read_join_token(plan.token_text, error);
  if (!token) {
    fail_to_join("--token: " + error);
  }
  plan.token = token->token;
  check_fingerprints(plan);
  plan.server = *net::parse_endpoint(options.server, error);
  plan.config_file = fs::absolute(options.config).lexically_normal().string();
  plan.config = config_text(plan.config_file);
  const auto before = config_in(plan.config, options.config);
  const auto directory = options.directory.empty() ? before.state_dir : options.directory;
  if (directory.empty()) {
    fail_to_join(options.config + ": state_dir is empty; say with --dir where the agent's key is "
                                  "to be");
  }
  plan.directory = fs::absolute(directory).lexically_normal();
  plan.certificate_file = (plan.directory / "agent.pem").string();
  plan.authority_file = options.ca_file.empty() ? (plan.directory / "ca.pem").string()
                                                : fs::absolute(options.ca_file).string();
  // With its key beside it, joining was cut short before the configuration named it.
  if (fs::exists(plan.certificate_file) && !options.again &&
      !fs::exists(plan.certificate_file + key_end)) {
    fail_to_join(plan.certificate_file + ": is there already, so this agent has joined; --again "
                                         "joins anew, and the server's operator may revoke what "
                                         "it was before");
  }
  if (!fs::exists(plan.directory) && ::mkdir(plan.directory.c_str(), S_IRWXU) != 0) {
    fail_to_join(plan.directory.string() +
                 ": cannot be made: " + std::generic_category().message(errno));
  }
  return plan;
}

/// A key that an earlier attempt has left, else empty. The directory may be a service's, and this
/// process root's: what is behind a link that somebody has laid there is not read, nor what is
/// another's.
std::string kept_key(const std::string& key_file) {
  const int file = open_private_file(key_file, O_RDONLY | O_NONBLOCK);
  struct stat found{};
  struct stat directory{};
  const bool is_own = file >= 0 && ::fstat(file, &found) == 0 &&
                      ::stat(fs::path{key_file}.parent_path().c_str(), &directory) == 0 &&
                      S_ISREG(found.st_mode) && found.st_nlink == 1 &&
                      (found.st_mode & (S_IRWXG | S_IRWXO)) == 0 &&
                      (found.st_uid == ::geteuid() || found.st_uid == directory.st_uid);
  std::string text(is_own ? longest_secret : 0, '\0');
  const auto count = is_own ? ::read(file, text.data(), text.size()) : 0;
  if (file >= 0) {
    ::close(file);
  }
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return text;
}

/// The key is made once and stays until all is done: where an answer is lost, or what comes after
/// it, the server gives the certificate to the same key again.
made_certificate request_of(const std::string& key_file) {
  if (auto request = make_certificate_request(kept_key(key_file))) {
    return *std::move(request);
  }
  auto made = make_certificate_request();
  if (const auto problem = storage::replace_private_file(key_file, made.key); !problem.empty()) {
    fail_to_join(problem);
  }
  return made;
}

void check_authority(const join_plan& plan, const std::string& authority) {
  const auto hash = certificate_hash(authority);
  if (!hash) {
    fail_to_join(plan.server.text + ": shows no authority");
  }
  if (*hash != plan.token.authority) {
    fail_to_join(plan.server.text +
                 ": is not the server of this token, or somebody stands between: "
                 "its authority is " +
                 fingerprint_of(*hash) + ", expected is " + fingerprint_of(plan.token.authority));
  }
}

asio::awaitable<std::string> body_from(asio::io_context& context, const join_plan& plan,
                                       std::string_view path, std::string body,
                                       net::tls_files trust) {
  auto tls = net::client_tls(trust);
  auto server = plan.server;
  auto reply = co_await rpc::ask_about_joining(context, std::move(server), path, std::move(body),
                                               std::move(tls), longest_question);
  if (!reply.problem.empty()) {
    fail_to_join(reply.problem);
  }
  co_return std::move(reply.body);
}

/// What came of joining.
struct join_result {
  rpc::join_answer answer;
  std::string authority; ///< in PEM form; empty: it is in a file of the user's
  std::string key;
};

/// First whom the server shows as its authority, which anybody may be; the token goes to it alone
/// once the token has named that authority, over a connection that it has certified.
asio::awaitable<join_result> talk(asio::io_context& context, const join_plan& plan) {
  join_result result;
  net::tls_files trust{.ca_file = plan.authority_file,
                       .section = plan.options.ca_file.empty() ? "" : "--"};
  const auto beside = plan.authority_file + ".new";
  if (plan.options.ca_file.empty()) {
    net::tls_files anybody{.ca_file = {}, .insecure_skip_verify = true};
    std::string nothing;
    result.authority = co_await body_from(context, plan, rpc::join_paths::authority,
                                          std::move(nothing), std::move(anybody));
    check_authority(plan, result.authority);
    // What stands behind it nobody has vouched for, and all of a file would be trusted.
    result.authority = first_certificate(result.authority).value();
    if (const auto problem = storage::replace_private_file(beside, result.authority);
        !problem.empty()) {
      fail_to_join(problem);
    }
    trust.ca_file = beside;
  }
  const auto request = request_of(plan.certificate_file + key_end);
  result.key = request.key;
  rpc::join_request wish{plan.token_text, plan.options.region, plan.options.host,
                         request.certificate};
  if (wish.host.empty()) {
    const auto names = machine_names();
    wish.host = names.empty() ? std::string{} : names.front().substr(0, names.front().find('.'));
  }
  auto text = rpc::join_request_text(wish);
  const auto body =
      co_await body_from(context, plan, rpc::join_paths::join, std::move(text), trust);
  if (const auto wrong = rpc::read_join_answer(body, result.answer); !wrong.empty()) {
    fail_to_join(plan.server.text + ": " + wrong);
  }
  const auto own = certificate_for_key(result.answer.certificate, result.key);
  if (!own) {
    fail_to_join(plan.server.text + ": has given no certificate for the key of this agent");
  }
  result.answer.certificate = *own;
  co_return result;
}

join_result run_talk(const join_plan& plan) {
  asio::io_context context{1};
  join_result result;
  std::exception_ptr failure;
  asio::co_spawn(context, talk(context, plan),
                 [&](const std::exception_ptr& failed, join_result made) {
                   failure = failed;
                   result = std::move(made);
                   context.stop();
                 });
  context.run();
  if (failure) {
    std::rethrow_exception(failure);
  }
  return result;
}

std::string lines_for(const join_plan& plan, const join_result& result) {
  const auto& regions = result.answer.regions;
  auto lines = "# From 'xprober agent join': the agent " + result.answer.name + ".\n";
  if (regions.size() == 1) {
    lines += "region: " + config::quoted_text(regions.front()) + "\n";
  }
  const auto certificate = config::quoted_text(plan.certificate_file);
  return lines + "rpc_server_addr: " + config::quoted_text(plan.options.server) +
         "\nrpc:\n  ca_file: " + config::quoted_text(plan.authority_file) +
         "\n  cert_file: " + certificate + "\n  key_file: " + certificate + "\n  renew: true\n";
}

void need_written(const std::string& problem) {
  if (!problem.empty()) {
    fail_to_join(problem);
  }
}

void keep_result(const join_plan& plan, const join_result& result) {
  if (!result.authority.empty()) {
    need_written(storage::replace_private_file(plan.authority_file, result.authority));
    ::unlink((plan.authority_file + ".new").c_str());
  }
  need_written(
      storage::replace_private_file(plan.certificate_file, result.key + result.answer.certificate));
  // Whether they belong together, and can be used.
  net::client_tls({.ca_file = plan.authority_file,
                   .cert_file = plan.certificate_file,
                   .key_file = plan.certificate_file,
                   .section = "rpc."});
}

void forget_key(const join_plan& plan) { ::unlink((plan.certificate_file + key_end).c_str()); }

void join_as_told(const join_options& options) {
  const auto plan = plan_of(options);
  const auto result = run_talk(plan);
  keep_result(plan, result);
  std::vector<std::string> keys{"rpc_server_addr", "rpc"};
  if (result.answer.regions.size() == 1) {
    keys.emplace_back("region");
  }
  const auto lines = lines_for(plan, result);
  const auto text = config::with_other_keys(plan.config, keys, lines);
  const auto loaded = config::parse_agent(text, options.config);
  std::cout << "This agent has joined as " << result.answer.name << "; its key and certificate are "
            << plan.certificate_file << ".\n";
  if (!loaded.ok() || loaded.value.rpc.cert_file != plan.certificate_file) {
    std::cout << "Write these lines into " << options.config << " yourself:\n\n" << lines;
    forget_key(plan);
    return;
  }
  write_config_file(plan.config_file, text);
  forget_key(plan);
  std::cout << options.config << " names them. Start it with\n  "
            << (plan.config_file == "/etc/xprober/agent.yaml"
                    ? "systemctl enable --now xprober-agent"
                    : "xprober agent --config " + options.config)
            << "\n";
}

} // namespace

std::string check_join_server(const std::string& text) {
  std::string error;
  const auto server = net::parse_endpoint(text, error);
  if (!server) {
    return error;
  }
  return server->tls ? std::string{}
                     : "agents join over TLS alone; allowed are https://HOST:PORT and "
                       "msgpacks://HOST:PORT";
}

std::string check_fingerprint(const std::string& text) {
  constexpr std::size_t digits = 64;
  const bool is =
      text.starts_with(fingerprint_begin) && text.size() == fingerprint_begin.size() + digits &&
      std::ranges::all_of(text.substr(fingerprint_begin.size()), ascii::is_small_hex_digit);
  return is ? std::string{}
            : "this is not a fingerprint; allowed is sha256: with 64 hexadecimal digits in lower "
              "case";
}

void write_config_file(const std::string& file, const std::string& text) {
  struct stat before{};
  const bool was = ::stat(file.c_str(), &before) == 0;
  if (!was) {
    before.st_mode = S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH;
    before.st_uid = ::geteuid();
    before.st_gid = ::getegid();
  }
  need_written(
      storage::replace_private_file(was ? fs::canonical(file).string() : file, text, &before));
}

int join_command(const join_options& options) {
  try {
    join_as_told(options);
    return 0;
  } catch (const std::exception& problem) {
    std::cerr << "agent join: " << problem.what() << '\n';
    return 1;
  }
}

} // namespace xprober::app
