#include "xprober/actors/server/batch_answer.hpp"

#include <algorithm>
#include <string>

namespace xprober {

namespace {

/// No agent gives up so many batches between two that it sends: years of them.
constexpr std::uint64_t most_missing_batches = std::uint64_t{1} << 24U;

} // namespace

push_batch_response answer_to(const batch_header& header, const storage::verdict& verdict) {
  push_batch_response answer;
  answer.instance = to_text(header.instance);
  answer.sequence = static_cast<std::int64_t>(header.sequence);
  answer.accepted = static_cast<std::int64_t>(verdict.accepted);
  answer.rejected = static_cast<std::int64_t>(verdict.rejected);
  return answer;
}

std::optional<push_batch_response> refusal_of(const batch_header& header,
                                              std::optional<std::uint64_t> last) {
  if (!last || header.sequence - *last <= most_missing_batches) {
    return std::nullopt;
  }
  auto answer = answer_to(header, {0, std::min(header.rows, max_batch_rows)});
  answer.errors = {"the batch has the sequence " + std::to_string(header.sequence) +
                   ", and the last one of its instance " + std::to_string(*last) +
                   ": no agent leaves out so many"};
  return answer;
}

} // namespace xprober
