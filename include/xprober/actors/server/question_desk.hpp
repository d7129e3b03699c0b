#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "xprober/actors/messages/questions.hpp"

namespace xprober {

/// What is asked of agents, from the question to its answer. An agent asks for its targets every
/// few seconds: with that it hears that there are questions (`waits_for`), takes them, and brings
/// the answers, all by its own requests. A question goes to one process of the agent alone, and
/// only that one's answer counts, which names a random number that nobody else was told. What
/// nobody waits for any more is forgotten. Each asker has a pace of his own, so that nobody's
/// questions keep others from asking.
class question_desk {
public:
  static constexpr std::size_t most_waiting = 64; ///< for an answer
  static constexpr std::size_t most_of_agent = 8;
  static constexpr std::size_t most_of_asker = 32; ///< for an answer
  /// So many one may ask at once, and then one more in each `pace`.
  static constexpr std::size_t burst = 20;
  static constexpr std::chrono::seconds pace{1};
  /// Who have asked lately; all others share one pace where there are more.
  static constexpr std::size_t most_askers = 1000;

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
    std::string asker{};
    completion done;
  };
  struct turns {
    std::size_t left = burst; ///< questions that may be asked now
    monotonic_time at{};      ///< when the last turn was added

    void add(monotonic_time now);
  };

  bool has_turn(const std::string& asker, monotonic_time now);
  turns& turns_of(const std::string& asker, monotonic_time now);
  void expire(monotonic_time now);
  void finish(const agent_identity& agent, const std::string& process, const agent_reply& reply);

  std::vector<open_question> open_; ///< in the order in which they were asked
  std::map<std::string, turns> askers_;
};

/// An agent as it is known here, by what it says of itself.
agent_identity usual_identity(const std::string& region, const std::string& local_ip);

} // namespace xprober
