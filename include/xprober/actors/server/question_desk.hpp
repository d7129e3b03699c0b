#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "xprober/actors/messages/questions.hpp"

namespace xprober {

/// What is asked of agents, from the question to its answer. An agent asks for its targets every
/// few seconds: with that it hears that there are questions (`waits_for`), takes them, and brings
/// the answers, all by its own requests. A question goes to one process of the agent alone, and
/// only that one's answer counts, which names a random number that nobody else was told. What
/// nobody waits for any more is forgotten.
class question_desk {
public:
  static constexpr std::size_t most_waiting = 64; ///< for an answer
  static constexpr std::size_t most_of_agent = 8;
  /// So many may be asked at once, and then one more in each `pace`.
  static constexpr std::size_t burst = 20;
  static constexpr std::chrono::seconds pace{1};

  using completion = std::function<void(agent_answer&&)>;

  /// `done` is called once, or never where the time is over before.
  void ask(const ask_agent& order, monotonic_time now, completion done);

  /// True if there are questions that this agent has not taken.
  bool waits_for(const agent_identity& agent, monotonic_time now);

  /// Takes an agent's answers, and gives it what it has not taken.
  questions_response exchange(const questions_request& from, monotonic_time now);

  std::size_t size() const noexcept { return open_.size(); }

private:
  struct open_question {
    agent_identity agent;
    agent_question question;
    monotonic_time until{};
    std::string taken_by; ///< the process; empty: nobody's yet
    bool taken = false;
    completion done;
  };

  bool has_turn(monotonic_time now);
  void expire(monotonic_time now);
  void finish(const agent_identity& agent, const std::string& process, const agent_reply& reply);

  std::vector<open_question> open_; ///< in the order in which they were asked
  std::size_t turns_ = burst;       ///< questions that may be asked now
  monotonic_time turns_at_{};       ///< when the last turn was added
};

/// An agent as it is known here, by what it says of itself.
agent_identity usual_identity(const std::string& region, const std::string& local_ip);

} // namespace xprober
