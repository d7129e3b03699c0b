#include "xprober/rpc/call_queue.hpp"

#include <limits>
#include <utility>

namespace xprober::rpc {

void call_queue::add(call_request request, call_completion done, clock::time_point deadline) {
  if (waiting_.size() + sent_.size() >= limit_) {
    done(make_error(bridge::ec::overloaded, std::to_string(limit_) + " calls have no answer yet"));
    return;
  }
  waiting_.push_back({std::move(request), std::move(done), deadline});
}

std::optional<call_queue::outgoing> call_queue::take() {
  if (waiting_.empty()) {
    return std::nullopt;
  }
  while (sent_.contains(next_seq_)) {
    ++next_seq_;
  }
  const auto seq = next_seq_++;
  const auto placed = sent_.emplace(seq, std::move(waiting_.front())).first;
  waiting_.pop_front();
  return outgoing{seq, &placed->second.request};
}

const call_request* call_queue::find(std::uint64_t seq) const {
  if (seq > std::numeric_limits<std::uint32_t>::max()) {
    return nullptr;
  }
  const auto found = sent_.find(static_cast<std::uint32_t>(seq));
  return found == sent_.end() ? nullptr : &found->second.request;
}

void call_queue::finish(std::uint64_t seq, call_result result) {
  const auto found = sent_.find(static_cast<std::uint32_t>(seq));
  if (found == sent_.end()) {
    return;
  }
  const auto done = std::move(found->second.done);
  sent_.erase(found);
  done(std::move(result));
}

void call_queue::fail_sent(bridge::ec code, const std::string& text) {
  const auto failed = std::exchange(sent_, {});
  for (const auto& [seq, call] : failed) {
    call.done(make_error(code, text));
  }
}

void call_queue::fail_waiting(bridge::ec code, const std::string& text) {
  const auto failed = std::exchange(waiting_, {});
  for (const auto& call : failed) {
    call.done(make_error(code, text));
  }
}

bool call_queue::expire(clock::time_point now, const std::string& sent_text,
                        const std::string& waiting_text) {
  std::vector<call_completion> late_sent;
  std::vector<call_completion> late_waiting;
  for (auto next = sent_.begin(); next != sent_.end();) {
    const auto call = next++;
    if (call->second.deadline <= now) {
      late_sent.push_back(std::move(call->second.done));
      sent_.erase(call);
    }
  }
  auto waited = std::exchange(waiting_, {});
  for (auto& call : waited) {
    if (call.deadline <= now) {
      late_waiting.push_back(std::move(call.done));
    } else {
      waiting_.push_back(std::move(call));
    }
  }
  for (const auto& done : late_sent) {
    done(make_error(bridge::ec::timeout, sent_text));
  }
  for (const auto& done : late_waiting) {
    done(make_error(bridge::ec::timeout, waiting_text));
  }
  return !late_sent.empty();
}

std::optional<call_queue::clock::time_point> call_queue::next_deadline() const {
  std::optional<clock::time_point> first;
  const auto consider = [&first](clock::time_point deadline) {
    if (!first || deadline < *first) {
      first = deadline;
    }
  };
  for (const auto& call : waiting_) {
    consider(call.deadline);
  }
  for (const auto& [seq, call] : sent_) {
    consider(call.deadline);
  }
  return first;
}

} // namespace xprober::rpc
