#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>

namespace xprober::net {

/// Warnings about what clients do wrong: one line for each peer address and minute.
class peer_log {
public:
  explicit peer_log(std::string component) : component_(std::move(component)) {}

  /// `peer` is "address:port"; the port does not count.
  void warn(const std::string& peer, std::string_view message, std::string_view error);

private:
  std::string component_;
  std::map<std::string, std::chrono::steady_clock::time_point, std::less<>> last_;
};

} // namespace xprober::net
