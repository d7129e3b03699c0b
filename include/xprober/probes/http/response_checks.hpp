#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/domain/config.hpp"
#include "xprober/domain/probe_result.hpp"

namespace xprober::http {

/// The last response of a probe as its configuration judges it.
struct judged_response {
  std::uint16_t status = 0;
  std::uint8_t version = 0; ///< 10 or 11
  bool tls = false;
  const std::vector<std::pair<std::string, std::string>>& fields; ///< of the header, as they came
  std::string_view body;                                          ///< decoded
};

/// What a configuration demands of the last response: `valid_status_codes`, `valid_http_versions`
/// and the `fail_if_...` keys, whose expressions are compiled once.
class response_checks {
public:
  /// So many bytes of a body are kept for the expressions; what comes after is not looked at.
  static constexpr std::size_t max_body_looked_at = std::size_t{1} << 20;

  /// Throws std::runtime_error that names the key of an expression that cannot be read.
  explicit response_checks(const http_config& config);
  ~response_checks();
  response_checks(const response_checks&) = delete;
  response_checks& operator=(const response_checks&) = delete;

  bool need_fields() const noexcept;
  bool need_body() const noexcept;

  /// True where judging a body of so many bytes could keep a thread for milliseconds.
  bool take_long(std::size_t body_size) const noexcept;

  struct failure {
    probe_error error = probe_error::bad_status;
    std::string detail;
  };

  /// What is wrong with the response first, in the order: TLS, version, status, header, body.
  /// Callable from any thread.
  std::optional<failure> judge(const judged_response& response) const;

private:
  struct impl;
  std::unique_ptr<const impl> impl_;
};

} // namespace xprober::http
