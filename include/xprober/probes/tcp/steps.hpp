#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/config.hpp"

namespace re2 {
class RE2;
}

namespace xprober::tcp {

/// One step of `query_response`, its expression compiled.
class step {
public:
  /// `key` is the step's own for messages: throws std::runtime_error that names it where `expect`
  /// is not a regular expression.
  step(const tcp_step& config, const std::string& key);
  ~step();
  step(step&&) noexcept;
  step& operator=(step&&) noexcept;

  bool expects() const noexcept { return expect_ != nullptr; }
  bool starts_tls() const noexcept { return starttls_; }
  /// As it is configured.
  std::string expression() const;

  /// Looks for `expect` anywhere in a line; what is to be sent then, with what the groups captured
  /// in the place of their names: empty for nothing. Nothing if the line does not match.
  std::optional<std::string> match(std::string_view line) const;

  /// What a step that expects nothing sends.
  const std::string& plain_send() const noexcept { return send_; }

private:
  std::unique_ptr<const re2::RE2> expect_;
  std::unique_ptr<const re2::RE2> bytes_; ///< the same for lines that are no UTF-8
  std::string send_;
  bool starttls_ = false;
};

/// Throws as `step` does; the keys are "tcp.query_response[0].expect" and so on.
std::vector<step> make_steps(const std::vector<tcp_step>& config);

} // namespace xprober::tcp
