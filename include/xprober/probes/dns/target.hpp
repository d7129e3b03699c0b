#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace xprober::dns_query {

/// The server that a system without a target's own asks. Of one thread.
class system_server {
public:
  /// The first of `configured`, each with or without a port, else of resolv.conf(5) at `path`, else
  /// 127.0.0.1.
  explicit system_server(const std::vector<std::string>& configured,
                         std::string path = "/etc/resolv.conf");

  /// Reads the file where it has changed. While it cannot be opened, for want of descriptors,
  /// perhaps, the last answer holds.
  const std::string& name();

  std::uint64_t reads() const noexcept { return reads_; } ///< of the file, so far

private:
  std::string path_; ///< empty: the configuration names a server
  std::string name_;
  std::array<std::int64_t, 5> version_{-1}; ///< device, inode, size, time of change
  std::uint64_t reads_ = 0;
};

} // namespace xprober::dns_query
