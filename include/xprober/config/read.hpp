#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "xprober/config/section.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/domain/exposure.hpp"

namespace xprober::config {

/// Reads the keys of the agent's file into `out`, which holds the defaults, and reports what is
/// wrong. `top` is the file, or the section `agent` of a standalone file.
void read_agent(section& top, agent_config& out);

/// The same for `target_files` and `target_urls` of the server's file.
void read_target_files(section& top, std::vector<target_file_source>& out);
void read_target_urls(section& top, std::vector<target_url_source>& out);

/// The same for a section `labels`: names and values of labels.
void read_labels(section& entry, label_map& out);

/// The same for the server's file.
void read_server(section& top, server_config& out);

/// `remote_write` of the server's file.
void read_remote_write(section& top, std::vector<remote_write_config>& out);

/// The section `web` of both files.
void read_web(section web, web_config& out);

/// A port of a file.
struct listening_port {
  std::string_view key;     ///< of its address
  std::string_view section; ///< that protects it
  std::string_view address;
  port_protection has;
};

/// `insecure` of both files. Without it ports that everybody reaches are exposed (see `loaded`);
/// with it there is a warning that names them.
void read_insecure(section& top, std::initializer_list<listening_port> ports, bool& out);

/// What the section `limits` of both files says of connections; the section has other keys, too.
void read_connection_limits(section& limits, connection_limits& out);

/// `region_labels` and the section `status` of the server's file.
void read_region_labels(section& top, std::map<std::string, label_map>& out);
void read_status(section status, status_config& out);

/// The section `alerts` of the server's file.
void read_alerts(section alerts, alerts_config& out);

} // namespace xprober::config
