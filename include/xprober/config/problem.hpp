#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace xprober::config {

/// One thing that is wrong with a configuration.
struct problem {
  std::string file;    ///< as it was named; "--set KEY" for an override
  int line = 0;        ///< 1-based; 0: the problem has no line
  std::string key;     ///< dotted, e.g. "icmp.count"; empty: it is about the file as a whole
  std::string message; ///< what is wrong and what is allowed

  bool operator==(const problem&) const = default;
};

/// "FILE:LINE: KEY: message" without the parts that are not there.
std::string to_string(const problem& p);

/// Each problem on a line of its own.
std::string to_string(const std::vector<problem>& problems);

/// Each as "FILE:LINE: warning: KEY: message".
std::vector<std::string> warning_texts(const std::vector<problem>& warnings);

/// `text` in single quotes, shortened to what fits a line, control characters escaped.
std::string in_quotes(std::string_view text);

/// The same for what may be a URL: a user in it is not shown, nor what may be one.
std::string quoted_url(std::string_view text);

} // namespace xprober::config
