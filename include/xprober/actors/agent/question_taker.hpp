#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "xprober/actors/actors.hpp"

namespace xprober {

/// How answers to a server are told: JSON objects.
struct question_texts {
  std::function<std::string(const probe_question&, const probe_answer&)> probe;
  std::function<std::string(const target_story&)> story;
};

/// Who answers what a server asks beside its targets. Without a prober nobody does.
struct question_parts {
  prober_actor prober{};
  question_texts texts{};
};

/// The agent's end of Server.Questions, a part of the syncer: takes the questions that its server
/// has, has them answered, and brings each answer as soon as it is there. A server gets nothing of
/// it that a target list would not get it: what may not be probed is not, and credentials go to
/// targets of this agent's own list alone, or where the module says that they may. The handlers of
/// the answers live in the syncer, as this does.
class question_taker {
public:
  /// `who` without answers.
  void begin(syncer_actor::pointer self, question_parts parts, rpc_client_actor client,
             target_manager_actor manager, questions_request who);

  bool is_able() const noexcept { return parts_.prober != nullptr; }

  /// The server has questions.
  void take();

private:
  void exchange(std::vector<agent_reply> replies);
  void take_in(const std::vector<agent_question>& questions);
  void answer(const agent_question& asked);
  void answer_about(const agent_question& asked, const target_story* own);
  void probe(const agent_question& asked, const target_story* own);
  void reply(agent_reply what);

  syncer_actor::pointer self_ = nullptr;
  question_parts parts_;
  rpc_client_actor client_;
  target_manager_actor manager_;
  questions_request who_;
  std::size_t running_ = 0;   ///< questions that have no answer yet
  std::size_t exchanges_ = 0; ///< under way
};

} // namespace xprober
