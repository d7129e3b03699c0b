#include "xprober/actors/server/question_desk.hpp"

#include <algorithm>
#include <utility>

#include "xprober/domain/targets/membership.hpp"
#include "xprober/domain/wire/batch.hpp"

namespace xprober {

agent_identity usual_identity(const std::string& region, const std::string& local_ip) {
  return {region, canonical_host_address(local_ip).value_or(local_ip)};
}

void question_desk::ask(const ask_agent& order, monotonic_time now, completion done) {
  expire(now);
  const auto of_agent = std::ranges::count(open_, order.agent, &open_question::agent);
  if (open_.size() >= most_waiting || static_cast<std::size_t>(of_agent) >= most_of_agent) {
    done(
        {question_end::too_many, "so many questions wait for agents already: ask again later", {}});
    return;
  }
  const auto of_asker = std::ranges::count(open_, order.asker, &open_question::asker);
  if (static_cast<std::size_t>(of_asker) >= most_of_asker || !has_turn(order.asker, now)) {
    done({question_end::too_many,
          "you have asked too many questions of agents lately: ask again in a few seconds",
          {}});
    return;
  }
  auto& fresh = open_.emplace_back();
  fresh.agent = order.agent;
  fresh.question = order.question;
  fresh.question.id = to_text(random_instance());
  fresh.until = now + order.patience;
  fresh.asker = order.asker;
  fresh.done = std::move(done);
}

void question_desk::turns::add(monotonic_time now) {
  const auto fresh = (now - at) / pace;
  if (fresh > 0) {
    left = std::min(burst, left + static_cast<std::size_t>(fresh));
    at = now;
  }
}

question_desk::turns& question_desk::turns_of(const std::string& asker, monotonic_time now) {
  if (const auto known = askers_.find(asker); known != askers_.end()) {
    return known->second;
  }
  if (askers_.size() >= most_askers) {
    // Whoever has all turns again is as one who has never asked.
    std::erase_if(askers_, [now](const auto& item) {
      auto own = item.second;
      own.add(now);
      return own.left == burst;
    });
  }
  return askers_[askers_.size() < most_askers ? asker : std::string{}];
}

bool question_desk::has_turn(const std::string& asker, monotonic_time now) {
  auto& own = turns_of(asker, now);
  own.add(now);
  if (own.left == 0) {
    return false;
  }
  --own.left;
  return true;
}

void question_desk::expire(monotonic_time now) {
  std::erase_if(open_, [now](const open_question& q) { return q.until <= now; });
}

bool question_desk::waits_for(const agent_identity& agent, monotonic_time now) {
  expire(now);
  return std::ranges::any_of(open_,
                             [&](const open_question& q) { return !q.taken && q.agent == agent; });
}

questions_response question_desk::exchange(const questions_request& from, monotonic_time now) {
  expire(now);
  const auto agent = usual_identity(from.local_region, from.local_ip);
  for (const auto& reply : from.replies) {
    finish(agent, from.process, reply);
  }
  questions_response out;
  for (auto& q : open_) {
    if (!q.taken && q.agent == agent && out.questions.size() < most_questions) {
      q.taken = true;
      q.taken_by = from.process;
      out.questions.push_back(q.question);
    }
  }
  return out;
}

void question_desk::finish(const agent_identity& agent, const std::string& process,
                           const agent_reply& reply) {
  const auto found = std::ranges::find_if(open_, [&](const open_question& q) {
    return q.taken && q.question.id == reply.id && q.agent == agent && q.taken_by == process;
  });
  if (found == open_.end()) {
    return; // nobody waits for it, or it is another's
  }
  const auto done = std::move(found->done);
  open_.erase(found);
  if (reply.body.empty()) {
    done({question_end::refused,
          reply.problem.empty() ? "the agent says nothing" : reply.problem,
          {}});
  } else {
    done({question_end::answered, {}, reply.body});
  }
}

} // namespace xprober
