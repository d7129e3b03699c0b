#pragma once

#include <string>

namespace xprober::storage {

/// What is wrong with a database's write-ahead log (`path` + "-wal"), which SQLite reads up to its
/// first frame that is not whole and forgets the rest without a word. A kill leaves such an end
/// after the last commit: that is no problem. A commit behind it, or a header that is none, is:
/// transactions are lost. Empty: nothing is wrong, or there is no log.
///
/// The form of the log: https://sqlite.org/fileformat2.html, 4. Nobody may write to it meanwhile.
/// A last commit that is damaged itself cannot be told from one that was never written whole.
std::string log_problem(const std::string& path);

} // namespace xprober::storage
