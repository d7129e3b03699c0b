#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>

#include "xprober/domain/wire/batch.hpp"

namespace xprober::rpc {

/// Whose the instances of agents are: of the credential that has sent a batch of one first. So
/// nobody else can use up the numbers of its batches. In memory: an instance is 128 random bits
/// that its agent tells its server alone, and after a restart the first that comes has it again.
class instance_owners {
public:
  /// Beyond so many the one that came first is forgotten.
  static constexpr std::size_t most = 100'000;

  /// True where the instance is this credential's, or nobody's so far.
  bool claim(const agent_instance& instance, const std::string& credential);

  /// The credential of an instance; null where it is nobody's.
  const std::string* owner(const agent_instance& instance) const;

  /// The instance is another credential's from now on: the one that had it is there no more.
  void hand_over(const agent_instance& instance, const std::string& credential);

  std::size_t size() const noexcept { return owners_.size(); }

private:
  std::map<agent_instance, std::string> owners_;
  std::deque<agent_instance> in_order_;
};

} // namespace xprober::rpc
