#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "xprober/domain/targets/known_agent.hpp"
#include "xprober/storage/database.hpp"

namespace xprober::storage {

/// What has changed of an agent: it is so now, or it is none any more.
struct agent_change {
  known_agent agent;
  bool gone = false; ///< only the name counts
};

/// The agents that a server knows, for the time after a restart, in one file of the state
/// directory. Blocks on the disk. Throws database_error, and nothing has happened then: the same
/// can be written again.
///
/// A damaged file is set aside and a new one begun: agents that are there come back by themselves,
/// those that were lost are forgotten.
class agent_file {
public:
  /// `directory` empty: in memory. Throws when there can be none.
  explicit agent_file(const std::string& directory);

  /// A damaged file was set aside for this one.
  bool has_replaced() const noexcept { return replaced_; }

  /// All, sorted by region, then address.
  std::vector<known_agent> agents();

  /// All or none.
  void write(std::span<const agent_change> changes);

private:
  void open(const std::string& path);

  std::unique_ptr<database> file_;
  bool replaced_ = false;
};

/// The agents in the file of a state directory; none where there is no directory, or where they
/// cannot be read, which is logged.
std::vector<known_agent> read_agents(const std::string& directory);

} // namespace xprober::storage
