#include "xprober/app/restart_keys.hpp"

#include <functional>
#include <string_view>

#include "xprober/config/kind_section.hpp"
#include "xprober/domain/comma_list.hpp"

namespace xprober::app {

namespace {

/// Notes the keys whose values differ.
template <class Config>
class differences {
public:
  differences(const Config& now, const Config& next) : now_(now), next_(next) {}

  /// `value` is a member, or a function that finds one in a section.
  template <class Value>
  differences& note(std::string_view key, Value value) {
    if (std::invoke(value, now_) != std::invoke(value, next_)) {
      add(key);
    }
    return *this;
  }

  void add(std::string_view key) { append_listed(keys_, key); }

  /// Those that both roles have.
  differences& note_common() {
    return note("limits", &Config::connections)
        .note("state_dir", &Config::state_dir)
        .note("threads", &Config::threads)
        .note("shutdown_timeout", &Config::shutdown_timeout)
        .note("metrics_per_target", &Config::metrics_per_target);
  }

  std::string keys() const { return keys_; }

private:
  const Config& now_;
  const Config& next_;
  std::string keys_;
};

} // namespace

std::string restart_keys(const agent_config& now, const agent_config& next, bool keeps_servers) {
  differences all{now, next};
  all.note("region", &agent_config::region).note("local_ip", &agent_config::local_ip);
  if (keeps_servers) {
    all.note("rpc_server_addr", &agent_config::rpc_server_addr).note("rpc", &agent_config::rpc);
  }
  all.note("http_addr", &agent_config::http_addr)
      .note_common()
      .note("max_pending_results", &agent_config::max_pending_results)
      .note("spool_max_bytes", &agent_config::spool_max_bytes);
  for (const auto& section : config::kind_sections()) {
    for (const auto key : section.fixed_keys(now, next)) {
      all.add(section.kind->name + "." + std::string{key});
    }
  }
  return all.keys();
}

std::string restart_keys(const server_config& now, const server_config& next) {
  return differences{now, next}
      .note("rpc_listen_addr", &server_config::rpc_listen_addr)
      .note("metrics_listen_addr", &server_config::metrics_listen_addr)
      .note_common()
      .note("history.enabled", [](const server_config& c) { return c.history.enabled; })
      .keys();
}

} // namespace xprober::app
