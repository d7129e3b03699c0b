#include "xprober/app/top_command.hpp"

#include <csignal>
#include <exception>
#include <iostream>
#include <string_view>
#include <utility>

#include <unistd.h>

#include "xprober/app/usage_problem.hpp"
#include "xprober/base/log.hpp"
#include "xprober/base/read_file.hpp"
#include "xprober/base/signals.hpp"
#include "xprober/net/tls.hpp"
#include "xprober/top/terminal.hpp"

namespace xprober::app {

namespace {

constexpr int nobody_answers = 1;

/// Where a server's and an agent's pages are unless their files say otherwise.
constexpr std::string_view usual_places[] = {"http://127.0.0.1:6002", "http://127.0.0.1:8087"};

/// The credential in a file, for its header; empty without a file. `key` names it in errors.
std::string token_in(std::string_view key, const std::string& file) {
  if (file.empty()) {
    return {};
  }
  const auto read = read_secret_file(key, file);
  if (!read.ok()) {
    throw net::setup_error(read.error);
  }
  return "Bearer " + read.text;
}

top::source source_of(std::string_view url, const top_options& options,
                      const std::string& authorization) {
  std::string problem;
  auto source = top::parse_source(url, problem);
  if (!source) {
    throw net::setup_error("URL: " + problem);
  }
  source->authorization = authorization;
  if (source->origin.secure) {
    net::tls_files files;
    files.ca_file = options.ca_file;
    files.insecure_skip_verify = options.insecure;
    files.section = "--";
    source->tls = net::client_tls(files);
  }
  return *std::move(source);
}

top::session_options own_session(const web_config& web, const std::string& address) {
  top_options own;
  // It is this process, whatever its certificate says of its name.
  own.insecure = true;
  const auto token = web.read_token_file.empty()
                         ? token_in("web.token_file", web.token_file)
                         : token_in("web.read_token_file", web.read_token_file);
  top::session_options session;
  session.sources.push_back(
      source_of((web.cert_file.empty() ? "http://" : "https://") + address, own, token));
  session.first = top::listing::all;
  session.screen = true;
  session.takes_signals = false;
  return session;
}

} // namespace

int top_command(const top_options& options) {
  top::session_options session;
  session.screen = !options.plain && top::terminal::usable();
  session.once = !session.screen && options.every_s == 0;
  session.out = &std::cout;
  if (options.every_s != 0) {
    session.every = std::chrono::seconds{options.every_s};
  }
  try {
    const auto token = token_in("--token-file", options.token_file);
    if (options.url.empty()) {
      for (const auto place : usual_places) {
        session.sources.push_back(source_of(place, options, token));
      }
    } else {
      session.sources.push_back(source_of(options.url, options, token));
    }
  } catch (const net::setup_error& wrong) {
    std::cerr << "xprober top: " << wrong.what() << '\n';
    return bad_usage;
  }
  try {
    top::session run{std::move(session)};
    return run.run() ? 0 : nobody_answers;
  } catch (const std::exception& wrong) {
    std::cerr << "xprober top: " << wrong.what() << '\n';
    return nobody_answers;
  }
}

own_screen::own_screen(const web_config& web, const std::string& address)
    : session_(own_session(web, address)), thread_(thread_without_signals([this] {
        try {
          session_.run();
        } catch (const std::exception& wrong) {
          log::error("top", wrong.what());
        }
        if (session_.ended_by_user()) {
          ::kill(::getpid(), SIGINT);
        }
      })) {}

own_screen::~own_screen() {
  session_.stop();
  thread_.join();
}

} // namespace xprober::app
