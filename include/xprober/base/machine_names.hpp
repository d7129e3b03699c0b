#pragma once

#include <string>
#include <vector>

namespace xprober {

/// What this machine is called: its host name and, where that has no dot, the same with each domain
/// that resolv.conf lists for searching. Lower case. Asks no name server.
std::vector<std::string> machine_names();

/// The same of a given name and the text of a resolv.conf.
std::vector<std::string> machine_names(const std::string& host_name,
                                       const std::string& resolv_conf);

} // namespace xprober
