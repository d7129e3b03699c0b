#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace xprober {

/// Who has how many of the series that there may be. Each counts for the agent that brought it
/// first, so that nobody can take the places of all others: the agents of one region have seven
/// eighths of what other regions leave at most, and one agent has seven eighths of what the others
/// of its region leave of that. Some 100 bytes for each agent.
class series_shares {
public:
  /// A series more of an agent, where there may be `most` in all; false, and nothing has changed,
  /// where it would be more than its share. An empty agent is one that is not known.
  bool take(const std::string& region, const std::string& agent, std::uint64_t most);

  /// One that is there whatever the shares are.
  void add(const std::string& region, const std::string& agent);
  /// One of those that were taken or added goes.
  void remove(const std::string& region, const std::string& agent);
  void clear();

  std::uint64_t size() const noexcept { return size_; }
  std::uint64_t size_of(const std::string& region, const std::string& agent) const;

private:
  struct share {
    std::uint64_t size = 0;
    std::map<std::string, std::uint64_t> agents;
  };

  std::map<std::string, share> regions_;
  std::uint64_t size_ = 0;
};

} // namespace xprober
