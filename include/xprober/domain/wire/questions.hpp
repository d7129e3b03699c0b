#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xprober {

/// So many questions go to an agent at a time, and so many answers come with one request.
inline constexpr std::size_t most_questions = 8;

/// An answer is no longer.
inline constexpr std::size_t most_reply_bytes = 256 * 1024;

/// What a server may ask of an agent. An agent answers what it does not know with a problem.
namespace question_kinds {
inline constexpr std::string_view probe = "probe"; ///< probe the target once, now
inline constexpr std::string_view story = "story"; ///< what it remembers of a target of its list
} // namespace question_kinds

/// What a server asks of one agent, beside its targets; field names on the wire stand in the
/// comments.
struct agent_question {
  std::string id;                  ///< id: random, 32 hexadecimal digits
  std::string what;                ///< what: one of `question_kinds`
  std::string uid;                 ///< uid: of the target, see `uid_text`
  std::string prober_type;         ///< proberType: of the target, as in lists
  std::string region;              ///< region: of the target
  std::string target;              ///< target: its address, without user and secrets
  std::string module{};            ///< module: what to probe it with; empty: its own
  std::uint64_t time_limit_ms = 0; ///< timeLimitMs: for a probe, beside its module's own

  bool operator==(const agent_question&) const = default;
};

/// What came of a question: one of the two texts says something.
struct agent_reply {
  std::string id;        ///< id: of the question
  std::string problem{}; ///< problem: why there is no answer, for people
  std::string body{};    ///< body: a JSON object

  bool operator==(const agent_reply&) const = default;
};

/// Server.Questions: an agent whose server has questions takes them, and brings answers.
struct questions_request {
  std::string local_region;           ///< localRegion
  std::string local_ip;               ///< localIp
  std::string process;                ///< process: as in its questions for targets
  std::vector<agent_reply> replies{}; ///< replies: to what this process has taken

  bool operator==(const questions_request&) const = default;
};

/// The answer: what the agent has not taken yet.
struct questions_response {
  std::vector<agent_question> questions{}; ///< questions

  bool operator==(const questions_response&) const = default;
};

} // namespace xprober
