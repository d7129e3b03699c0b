#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "xprober/domain/config.hpp"

namespace xprober::tls {

/// The talk by which a connection becomes one with TLS, from the client's side, without I/O.
///
/// smtp (RFC 3207), imap and pop3 (RFC 2595), ftp (RFC 4217), postgres (SSLRequest of its protocol
/// 3.0), ldap (RFC 4511, section 4.14).
class starttls_dialog {
public:
  enum class state : std::uint8_t {
    reading, ///< feed it what comes
    ready,   ///< the handshake is next
    failed,  ///< `problem` says why
  };

  explicit starttls_dialog(starttls_protocol protocol);

  /// What is to be sent now, if anything; empty afterwards.
  std::string take_output();

  /// Bytes of the server.
  state feed(std::string_view bytes);

  state now() const noexcept { return state_; }
  /// What the server said, for people.
  const std::string& problem() const noexcept { return problem_; }

private:
  bool is_early() const noexcept;
  void take_lines();
  void take_line(const std::string& line);
  void take_reply(const std::string& line);
  void take_imap(const std::string& line);
  void take_pop3(const std::string& line);
  void take_postgres();
  void take_ldap();
  void fail(std::string why);
  void ready();

  starttls_protocol protocol_;
  state state_ = state::reading;
  std::string output_;
  std::string input_;
  std::string problem_;
  std::size_t replies_ = 0; ///< whole answers so far
  bool in_reply_ = false;   ///< smtp and ftp: more lines of the same reply follow
};

/// "smtp", "imap", ...; "none".
std::string_view to_string(starttls_protocol protocol) noexcept;

} // namespace xprober::tls
