#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/config/problem.hpp"

namespace xprober::config {

struct node;
using node_ptr = std::shared_ptr<const node>;

/// A YAML value and where it was written. An alias is the node of its anchor once more, so nodes
/// are shared and never change. Merge keys (`<<: *base`) are resolved: what is merged has the lines
/// of where it was written.
struct node {
  enum class type : std::uint8_t { null, scalar, list, map };

  type kind = type::null;
  bool merge = false;                        ///< of a scalar: it is a merge key where it is a key
  int line = 0;                              ///< 1-based; 0 for an override
  std::uint64_t weight = 1;                  ///< nodes in it, itself included, aliases counted anew
  std::shared_ptr<const std::string> origin; ///< the file's name, or "--set KEY"
  std::string text;                          ///< of a scalar
  std::vector<node_ptr> children;            ///< a list's items; a map's keys and values by turns
};

/// The name of a kind of node as people call it, e.g. "a list".
std::string_view to_string(node::type kind) noexcept;

/// Limits that a configuration must keep, so that no file can use up the machine.
inline constexpr std::uint64_t max_file_bytes = 64u << 20;
inline constexpr std::uint64_t max_nodes = 8'000'000;

/// Reads one YAML document. An empty text is a null node. What cannot be read (syntax, control
/// characters, more than one document, more nodes than `max_nodes` after the expansion of aliases,
/// a merge key without a map) is reported and gives no node.
node_ptr parse_yaml(std::string_view text, const std::string& origin,
                    std::vector<problem>& problems);

/// When a configuration is read.
enum class reading : std::uint8_t {
  first, ///< by a person or at the start: a pipe will do (`/dev/stdin`), and so will an empty file
  again, ///< by a process that runs: nothing but a regular file with something in it is obeyed
};

/// Reads the file and parses it; a file that cannot be read or is larger than `max_file_bytes` is
/// reported and gives no node.
node_ptr load_yaml(const std::string& path, std::vector<problem>& problems,
                   reading when = reading::first);

/// `root` with the value at the dotted `key` set to `value`, which is read as YAML, or taken as
/// plain text where it is none (`[::1]:80`). Maps on the way are made where they are missing. A
/// key that leads through something else is reported and changes nothing.
node_ptr with_override(const node_ptr& root, const std::string& key, std::string_view value,
                       const std::string& origin, std::vector<problem>& problems);

/// The same with `text` as the value as it is, whatever it looks like.
node_ptr with_text(const node_ptr& root, const std::string& key, std::string_view text,
                   const std::string& origin, std::vector<problem>& problems);

} // namespace xprober::config
