#pragma once

#include <cstdint>

#include "xprober/actors/messages/server.hpp"
#include "xprober/storage/history.hpp"

namespace xprober {

/// What a history has, on disk and in memory.
struct history_parts {
  storage::history& files;
  const rollup_buffer& buffer;
  const history_retention& kept;
};

/// Answers a question at the time `now` (Unix seconds) from both parts together; of a single target
/// that is all but since when it is watched. Throws `storage::database_error`.
history_series answer_question(const history_query& query, const history_parts& parts,
                               std::int64_t now);

} // namespace xprober
