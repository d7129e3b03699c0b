#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/wire/batch.hpp"
#include "xprober/storage/journal.hpp"

namespace xprober {

/// What reading a batch found.
struct batch_findings {
  storage::verdict verdict;        ///< how many of its rows can be used
  std::vector<std::string> errors; ///< of rows that cannot, the first few, for people
  agent_identity agent;
  std::uint64_t values = 0; ///< that stand in it, in the old form
};

/// Reads every row of a batch whose header was read, and leaves it unpacked in `body`. Rows of
/// targets that the store refuses cannot be used. One that cannot be unpacked has only such rows,
/// not more than a batch can have.
batch_findings check_batch(std::string_view bytes, const batch_header& header, std::string& body);

} // namespace xprober
