#include "xprober/actors/agent/question_taker.hpp"

#include <algorithm>
#include <utility>

#include "xprober/actors/error_text.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/label_text.hpp"

namespace xprober {

namespace {

constexpr std::chrono::seconds exchange_timeout{10};
constexpr std::chrono::seconds manager_patience{5};
/// Beside the time that a probe may take.
constexpr std::chrono::seconds prober_patience{5};
constexpr std::uint64_t longest_probe_ms = 60'000;
/// With an honest server each question is in one at most, and a few take new ones.
constexpr std::size_t most_exchanges = 2 * most_questions;

/// In a target's address where a secret was (see url_secrets.hpp).
constexpr std::string_view hidden_secret = "=***";

} // namespace

void question_taker::begin(syncer_actor::pointer self, question_parts parts,
                           rpc_client_actor client, target_manager_actor manager,
                           questions_request who) {
  self_ = self;
  parts_ = std::move(parts);
  client_ = std::move(client);
  manager_ = std::move(manager);
  who_ = std::move(who);
}

void question_taker::take() {
  if (is_able()) {
    exchange({});
  }
}

void question_taker::exchange(std::vector<agent_reply> replies) {
  if (exchanges_ >= most_exchanges) {
    log::warn("syncer", "answers to the server's questions are given up: it takes none",
              {{"answers", replies.size()}});
    return;
  }
  ++exchanges_;
  auto said = who_;
  said.replies = std::move(replies);
  self_->request(client_, exchange_timeout, std::move(said))
      .then(
          [this](const questions_response& got) {
            --exchanges_;
            take_in(got.questions);
          },
          [this](const caf::error& why) {
            --exchanges_;
            log::warn("syncer", "the server's questions or their answers were lost",
                      {{"error", error_text(self_->system(), why)}});
          });
}

/// What is refused goes back in one piece: a server that always has more gets no more requests of
/// it than it has answered.
void question_taker::take_in(const std::vector<agent_question>& questions) {
  std::vector<agent_reply> refused;
  for (const auto& asked : questions) {
    if (running_ < most_questions) {
      answer(asked);
    } else if (refused.size() < most_questions) {
      refused.push_back(
          {asked.id, "this agent has as many questions to answer as it takes at a time"});
    }
  }
  if (!refused.empty()) {
    exchange(std::move(refused));
  }
}

void question_taker::answer(const agent_question& asked) {
  ++running_;
  const auto uid = parse_uid_text(asked.uid);
  self_->request(manager_, manager_patience, story_query{uid.value_or(0)})
      .then([this, asked](const target_story& own) { answer_about(asked, &own); },
            [this, asked](const caf::error&) { answer_about(asked, nullptr); });
}

void question_taker::answer_about(const agent_question& asked, const target_story* own) {
  if (asked.what == question_kinds::probe) {
    probe(asked, own);
  } else if (asked.what != question_kinds::story) {
    reply({asked.id, "this agent does not know the question " + shown_text(asked.what) +
                         ": it is older than "
                         "the server"});
  } else if (own == nullptr) {
    reply({asked.id, "this agent does not have the target on its list"});
  } else {
    reply({asked.id, {}, parts_.texts.story(*own)});
  }
}

void question_taker::probe(const agent_question& asked, const target_story* own) {
  probe_question question;
  question.from_server = true;
  question.own = own != nullptr ? own->spec : nullptr;
  const auto& known = question.own;
  question.target = known ? known->uid.address : asked.target;
  question.module = asked.module;
  if (question.module.empty()) {
    question.module = known ? std::string{known->uid.type.text()} : asked.prober_type;
  }
  const bool as_listed = known && known->uid.type.text() == question.module;
  if (!as_listed && question.target.find(hidden_secret) != std::string::npos) {
    reply({asked.id, "this agent's list does not have the target with this module: the secrets in "
                     "its address are not known"});
    return;
  }
  question.time_limit =
      milliseconds{std::clamp<std::uint64_t>(asked.time_limit_ms, 1, longest_probe_ms)};
  question.with_lines = true;
  log::info("syncer", "the server has a target probed",
            {{"type", question.module}, {"target", question.target}});
  self_->request(parts_.prober, question.time_limit + prober_patience, question)
      .then(
          [this, id = asked.id, question](const probe_answer_ptr& answer) {
            if (answer->refused != probe_refusal::none) {
              reply({id, answer->problem});
            } else {
              reply({id, {}, parts_.texts.probe(question, *answer)});
            }
          },
          [this, id = asked.id](const caf::error& why) {
            reply({id, "the agent's prober does not answer: " + error_text(self_->system(), why)});
          });
}

void question_taker::reply(agent_reply what) {
  --running_;
  if (what.body.size() > most_reply_bytes) {
    what.problem = "the answer has " + std::to_string(what.body.size()) + " bytes, at most " +
                   std::to_string(most_reply_bytes) + " can be sent";
    what.body.clear();
  }
  exchange({std::move(what)});
}

} // namespace xprober
