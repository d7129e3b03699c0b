#pragma once

// What a person asks of one agent through its server, and what comes of it.

#include <cstdint>
#include <string>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/wire/questions.hpp"
#include "xprober/domain/wire/wire.hpp"

namespace xprober {

/// Ask an agent something.
struct ask_agent {
  agent_identity agent;    ///< with its address in the usual spelling
  agent_question question; ///< without an id
  nanoseconds patience{0}; ///< for so long somebody waits for the answer
  std::string asker{};     ///< who wants to know, where limits are counted
};

/// What has become of a question.
enum class question_end : std::uint8_t {
  answered,
  refused,  ///< by the agent
  too_many, ///< wait for an answer, or were asked lately: it was not asked
};

struct agent_answer {
  question_end end = question_end::answered;
  std::string problem{}; ///< for people; empty where it was answered
  std::string body{};    ///< as the agent has it: to be checked before it is shown
};

} // namespace xprober
