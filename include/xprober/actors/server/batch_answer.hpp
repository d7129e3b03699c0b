#pragma once

#include <cstdint>
#include <optional>

#include "xprober/domain/wire/batch.hpp"
#include "xprober/domain/wire/wire.hpp"
#include "xprober/storage/journal.hpp"

namespace xprober {

/// What an agent is told of a batch of which so many rows were taken.
push_batch_response answer_to(const batch_header& header, const storage::verdict& verdict);

/// What an agent is told of a batch whose number cannot be: it is further on than anybody gives up
/// batches, and would make all that follow it look like batches of before. Nothing of it is taken,
/// and its number is not noted: the one that follows is as welcome as if this had not come. `last`:
/// the last number of its instance; nothing: it is the first.
std::optional<push_batch_response> refusal_of(const batch_header& header,
                                              std::optional<std::uint64_t> last);

} // namespace xprober
