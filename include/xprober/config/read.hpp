#pragma once

#include "xprober/config/section.hpp"
#include "xprober/domain/config.hpp"

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

} // namespace xprober::config
