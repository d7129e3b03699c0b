#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/actors/agent/unknown_types.hpp"
#include "xprober/domain/target.hpp"

namespace xprober {

/// What an agent can probe: the kinds that it has engines for, and the modules of its
/// configuration.
class prober_directory {
public:
  prober_directory() = default;
  /// `kinds` outlive it. `modules`: each with its kind, sorted by name.
  explicit prober_directory(std::vector<const probe_kind*> kinds,
                            std::vector<prober_name> modules = {})
      : kinds_(std::move(kinds)), modules_(std::move(modules)) {}

  /// Other modules: names that were unknown may be known now, so they are worth telling again.
  void set_modules(std::vector<prober_name> modules);

  /// By the name that a target list uses; nothing if this agent knows no such type.
  std::optional<prober_name> find(std::string_view text) const;

  /// True where a target keeps on being probed as it is: its module is there still and is built on
  /// the same kind.
  bool still_knows(const prober_name& name) const;

  /// True at the first mention of an unknown type. Names come from the network: after 16 of them
  /// others are no news. For the log alone.
  bool is_news(std::string_view unknown);

  /// Unknown types for people, each with what was meant most likely: "htpp: do you mean http?, x".
  std::string described(const unknown_types& unknown) const;

  /// The names of the kinds for messages: "icmp, http".
  std::string kind_names() const;

private:
  std::vector<const probe_kind*> kinds_;
  std::vector<prober_name> modules_;
  std::vector<std::string> unknown_; ///< already told
};

} // namespace xprober
