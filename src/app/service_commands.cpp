#include "xprober/app/commands.hpp"

#include <functional>
#include <iostream>
#include <optional>
#include <utility>

#include <unistd.h>

#include "xprober/app/agent_app.hpp"
#include "xprober/app/live_table.hpp"
#include "xprober/app/main_loop.hpp"
#include "xprober/app/metadata.hpp"
#include "xprober/app/server_app.hpp"
#include "xprober/app/service_watchdog.hpp"
#include "xprober/app/top_command.hpp"
#include "xprober/base/descriptors.hpp"
#include "xprober/base/log.hpp"
#include "xprober/base/service_manager.hpp"
#include "xprober/base/signals.hpp"
#include "xprober/base/version.hpp"
#include "xprober/config/identity.hpp"
#include "xprober/config/load.hpp"
#include "xprober/net/tls.hpp"
#include "xprober/top/terminal.hpp"

namespace xprober::app {

namespace {

constexpr int wrong_configuration = 2;
constexpr int cannot_run = 1;

/// Ends the log's writer when the command returns, so that its last lines are written.
struct log_guard {
  explicit log_guard(const std::string& threshold) {
    auto level = log::level::info;
    log::parse_level(threshold, level);
    log::init(level);
  }
  ~log_guard() { log::shutdown(); }
  log_guard(const log_guard&) = delete;
  log_guard& operator=(const log_guard&) = delete;
};

template <class Config>
bool print_problems(const config::loaded<Config>& loaded) {
  if (!loaded.ok()) {
    std::cerr << config::to_string(loaded.problems);
    return true;
  }
  std::cerr << config::to_string(loaded.exposed);
  return !loaded.exposed.empty();
}

/// Where a role's page is, as a browser is told.
std::string page_url(const web_config& web, const std::string& address) {
  return (web.cert_file.empty() ? "http://" : "https://") + address + "/";
}

/// A reader that picks `part` out of what `load` reads.
template <class Config, class Load, class Part>
config_reader<Config> read_again(Load load, Part part) {
  return [load = std::move(load), part = std::move(part)] {
    auto loaded = load(config::reading::again);
    config_outcome<Config> result;
    if (loaded.ok() && loaded.exposed.empty()) {
      result.next = part(loaded.value);
      result.warnings = config::warning_texts(loaded.warnings);
    } else {
      result.problems = config::to_string(loaded.problems) + config::to_string(loaded.exposed);
    }
    return result;
  };
}

/// Where this agent is and which address it has; throws net::setup_error that says what to set.
agent_identity find_identity(const agent_config& config) {
  const auto address = config::local_address(config.local_ip);
  if (!address.ok()) {
    throw net::setup_error(address.error);
  }
  if (!config.region.empty()) {
    return {config.region, address.value};
  }
  const auto region = detect_region(config.metadata_url);
  if (!region.ok()) {
    throw net::setup_error(region.error);
  }
  return {region.value, address.value};
}

template <class Body>
int guarded(Body body) {
  try {
    return body();
  } catch (const std::exception& error) {
    log::error("main", error.what());
    return cannot_run;
  }
}

/// Ends a service that has stopped; its status. What is to be kept is on disk by now, so a reload
/// whose file does not come out of its disk holds up nobody.
template <class... Apps>
int status_of(const Apps&... apps) {
  const int status = (apps.has_failed() || ...) ? failure_status : 0;
  if ((apps.is_reading() || ...)) {
    log::warn("main", "a file of the configuration is still being read, for longer than "
                      "shutdown_timeout; the process ends without it");
    log::shutdown();
    std::cout.flush();
    ::_exit(status);
  }
  return status;
}

} // namespace

int agent_command(const config_source& source, const std::vector<prober_entry>& probers) {
  const auto load = [source](config::reading when) {
    return config::load_agent(source.file, source.overrides, when);
  };
  auto loaded = load(config::reading::first);
  if (print_problems(loaded)) {
    return wrong_configuration;
  }
  const log_guard logging{loaded.value.log_level};
  return guarded([&] {
    const auto identity = find_identity(loaded.value);
    agent_app agent{loaded.value, identity,
                    read_again<agent_config>(load, [](const agent_config& c) { return c; }),
                    probers};
    agent.warn(config::warning_texts(loaded.warnings));
    agent.start();
    log::info("main", "agent runs",
              {{"version", version},
               {"region", identity.region},
               {"local_ip", identity.local_ip},
               {"page", page_url(loaded.value.web, agent.web_address())}});
    main_loop_hooks hooks;
    hooks.reload = [&] { agent.reload(); };
    feed_watchdog(hooks, [&](std::function<void()> well) { agent.ask_health(std::move(well)); });
    service_manager::ready("region " + identity.region + ", page " +
                           page_url(loaded.value.web, agent.web_address()));
    run_until_signal(hooks);
    service_manager::stopping();
    agent.stop();
    return status_of(agent);
  });
}

int server_command(const config_source& source) {
  const auto load = [source](config::reading when) {
    return config::load_server(source.file, source.overrides, when);
  };
  auto loaded = load(config::reading::first);
  if (print_problems(loaded)) {
    return wrong_configuration;
  }
  const log_guard logging{loaded.value.log_level};
  return guarded([&] {
    server_app server{loaded.value,
                      read_again<server_config>(load, [](const server_config& c) { return c; })};
    server.warn(config::warning_texts(loaded.warnings));
    server.start();
    log::info("main", "server runs",
              {{"version", version},
               {"rpc", server.rpc_address()},
               {"page", page_url(loaded.value.web, server.web_address())}});
    main_loop_hooks hooks;
    hooks.reload = [&] { server.reload(); };
    feed_watchdog(hooks, [&](std::function<void()> well) { server.ask_health(std::move(well)); });
    service_manager::ready("agents connect to " + server.rpc_address() + ", page " +
                           page_url(loaded.value.web, server.web_address()));
    run_until_signal(hooks);
    service_manager::stopping();
    server.stop();
    return status_of(server);
  });
}

int standalone_command(const config_source& source, bool plain) {
  const auto load = [source](config::reading when) {
    return config::load_standalone(source.file, source.overrides, when);
  };
  auto loaded = load(config::reading::first);
  if (print_problems(loaded)) {
    return wrong_configuration;
  }
  const bool full_screen = !plain && top::terminal::usable();
  const bool table = !full_screen && top::terminal::addressable();
  const log_guard logging{loaded.value.agent.log_level};
  return guarded([&] {
    const auto identity = find_identity(loaded.value.agent);
    using both = config::standalone_config;
    // The file is read once for both roles; the server's reload has the agent's part in it.
    agent_config agents_part;
    auto servers_reader = read_again<server_config>(load, [&](const both& c) {
      agents_part = c.agent;
      return c.server;
    });
    // The agent has the other half.
    server_app server{loaded.value.server, std::move(servers_reader), descriptor_limit() / 2};
    auto agents_reader = read_again<agent_config>(load, [](const both& c) { return c.agent; });
    agent_app agent{loaded.value.agent, identity, [read = std::move(agents_reader)] {
                      auto result = read();
                      result.warnings.clear(); // of the whole file: the server shows them
                      return result;
                    }};
    agent.keep_servers();
    server.warn(config::warning_texts(loaded.warnings));
    server.start();
    agent.start();
    server.set_partner([&] { return agent.apply(agents_part); });
    const auto heading = "xprober " + std::string{version} + " standalone, region " +
                         identity.region + ": server " +
                         page_url(loaded.value.server.web, server.web_address()) + "  agent " +
                         page_url(loaded.value.agent.web, agent.web_address());
    if (!table) {
      std::cout << heading << std::endl;
    }
    live_table view{std::cout, table, heading, presenters_of(builtin_probers())};
    std::optional<own_screen> screen;
    main_loop_hooks hooks;
    hooks.reload = [&] { server.reload(); };
    if (full_screen) {
      hooks.begin = [&] { screen.emplace(loaded.value.server.web, server.web_address()); };
      hooks.end = [&] { screen.reset(); };
    } else {
      hooks.tick = [&] {
        view.show(agent.targets());
        return std::cout.good();
      };
    }
    // The agent first: it ends before the server, which is asked on the agent's thread.
    feed_watchdog(hooks, [&](std::function<void()> well) {
      agent.ask_health([&, well = std::move(well)] { server.ask_health(well); });
    });
    service_manager::ready(heading);
    if (run_until_signal(hooks) == 0) {
      log::error("main", "stopping, since the table cannot be printed");
    }
    service_manager::stopping();
    server.set_partner({});
    agent.stop();
    server.stop();
    return status_of(agent, server);
  });
}

int check_config_command(const std::string& file) {
  const auto checked = config::check_file(file);
  if (!checked.ok()) {
    std::cerr << config::to_string(checked.problems);
    return wrong_configuration;
  }
  const auto warnings = config::warning_texts(checked.warnings);
  for (const auto& warning : warnings) {
    std::cerr << warning << '\n';
  }
  std::cout << file << ": right";
  if (checked.kind) {
    std::cout << " (" << config::to_string(*checked.kind) << " configuration)";
  }
  if (!warnings.empty()) {
    std::cout << ", with " << warnings.size() << (warnings.size() == 1 ? " warning" : " warnings");
  }
  std::cout << '\n';
  return 0;
}

} // namespace xprober::app
