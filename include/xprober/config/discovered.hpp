#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/config/problem.hpp"
#include "xprober/domain/targets/discovery_io.hpp"

namespace xprober::config {

/// Reads a list of targets, Prometheus's file_sd or http_sd: groups `{targets: [...], labels:
/// {...}}`, in JSON or YAML. `name` stands before the line in errors. A text without a list is
/// refused, so that a file that is just being written takes no targets away; a list may be empty.
/// One with more than `max_targets` texts as targets, or as many groups, is refused where that
/// shows: a few bytes of text make a group. A group that cannot be used is left out at once.
discovered_list parse_discovered(std::string_view text, const std::string& name, list_format format,
                                 std::uint64_t max_targets = most_max_targets);

/// What is wrong with an item of `target_files`: as with Prometheus, it ends in .json, .yml or
/// .yaml, and only its last part can have a '*', one.
std::string check_list_pattern(std::string_view text);

/// The files that a pattern stands for now, sorted. A path without a '*' stands for itself, whether
/// it is there or not.
std::vector<std::string> find_list_files(const std::string& pattern);

/// What is wrong with the files that `target_files` names and that are there. What a server leaves
/// out of a list, a target, a group or a label, is a warning: it obeys the rest.
void check_target_files(const server_config& config, std::vector<problem>& problems,
                        std::vector<problem>& warnings);

} // namespace xprober::config
