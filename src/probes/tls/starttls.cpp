#include "xprober/probes/tls/starttls.hpp"

#include <algorithm>
#include <utility>

#include "xprober/domain/ascii.hpp"
#include "xprober/probes/stream/shown.hpp"

namespace xprober::tls {

namespace {

constexpr std::size_t max_input = std::size_t{64} << 10;

/// Length 8 and the code 80877103 (PostgreSQL, message formats, SSLRequest).
const std::string postgres_request{"\x00\x00\x00\x08\x04\xD2\x16\x2F", 8};

/// Message 1: an ExtendedRequest of the StartTLS OID.
std::string ldap_request() {
  const std::string oid = "1.3.6.1.4.1.1466.20037";
  std::string name{"\x80", 1};
  name += static_cast<char>(oid.size());
  name += oid;
  std::string message{"\x02\x01\x01\x77", 4};
  message += static_cast<char>(name.size());
  message += name;
  return std::string{"\x30"} + static_cast<char>(message.size()) + message;
}

std::string quoted(std::string_view text) { return "'" + stream::shown(text) + "'"; }

/// An element of BER with a definite length: its tag and contents, taken off the front.
struct ber_element {
  enum class state { whole, cut, bad } what = state::bad;
  std::uint8_t tag = 0;
  std::string_view contents{};
};

ber_element take_element(std::string_view& in) {
  if (in.size() < 2) {
    return {ber_element::state::cut};
  }
  const auto tag = static_cast<std::uint8_t>(in[0]);
  std::size_t length = static_cast<std::uint8_t>(in[1]);
  std::size_t head = 2;
  if (length >= 0x80) {
    const std::size_t bytes = length & 0x7F;
    if (bytes == 0 || bytes > 4) {
      return {ber_element::state::bad};
    }
    if (in.size() < head + bytes) {
      return {ber_element::state::cut};
    }
    length = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
      length = length << 8U | static_cast<std::uint8_t>(in[head + i]);
    }
    head += bytes;
  }
  if (length > max_input) {
    return {ber_element::state::bad};
  }
  if (in.size() - head < length) {
    return {ber_element::state::cut};
  }
  const auto contents = in.substr(head, length);
  in.remove_prefix(head + length);
  return {ber_element::state::whole, tag, contents};
}

} // namespace

std::string_view to_string(starttls_protocol protocol) noexcept {
  return starttls_names[static_cast<std::size_t>(protocol)].first;
}

starttls_dialog::starttls_dialog(starttls_protocol protocol) : protocol_(protocol) {
  switch (protocol_) {
  case starttls_protocol::none: state_ = state::ready; break;
  case starttls_protocol::postgres: output_ = postgres_request; break;
  case starttls_protocol::ldap: output_ = ldap_request(); break;
  default: break; // the server speaks first
  }
}

std::string starttls_dialog::take_output() { return std::exchange(output_, {}); }

void starttls_dialog::fail(std::string why) {
  state_ = state::failed;
  problem_ = std::move(why);
}

void starttls_dialog::ready() {
  // What stands behind the answer was sent in the clear: nothing that comes before the handshake
  // is to be believed (CVE-2011-0411).
  if (input_.empty()) {
    state_ = state::ready;
  } else {
    fail("the server sent more than its answer before TLS");
  }
}

starttls_dialog::state starttls_dialog::feed(std::string_view bytes) {
  if (state_ != state::reading) {
    return state_;
  }
  input_ += bytes;
  switch (protocol_) {
  case starttls_protocol::postgres: take_postgres(); break;
  case starttls_protocol::ldap: take_ldap(); break;
  default: take_lines();
  }
  if (state_ == state::reading && input_.size() > max_input) {
    fail("the server's answer has no end");
  }
  return state_;
}

// True where an answer is there whose question is not even sent. What imap's servers say unasked
// begins with a star (RFC 3501, section 7).
bool starttls_dialog::is_early() const noexcept {
  return !output_.empty() && !input_.empty() &&
         !(protocol_ == starttls_protocol::imap && input_.front() == '*');
}

void starttls_dialog::take_lines() {
  while (state_ == state::reading) {
    if (is_early()) {
      fail("the server answered before it was asked: " + quoted(input_));
      return;
    }
    const auto end = input_.find('\n');
    if (end == std::string::npos) {
      return;
    }
    auto line = input_.substr(0, end);
    input_.erase(0, end + 1);
    if (line.ends_with('\r')) {
      line.pop_back();
    }
    take_line(line);
  }
}

void starttls_dialog::take_line(const std::string& line) {
  switch (protocol_) {
  case starttls_protocol::imap: take_imap(line); break;
  case starttls_protocol::pop3: take_pop3(line); break;
  default: take_reply(line);
  }
}

// smtp and ftp: three digits, and '-' behind them where more lines of the same reply follow (RFC
// 5321, section 4.2.1; RFC 959, section 4.2). Other lines inside of such a reply are ftp's.
void starttls_dialog::take_reply(const std::string& line) {
  const bool has_code =
      line.size() >= 3 && std::all_of(line.begin(), line.begin() + 3, ascii::is_digit);
  const bool last = has_code && (line.size() == 3 || line[3] == ' ');
  if (!last) {
    const bool more = has_code && line[3] == '-';
    if (more) {
      in_reply_ = true;
    } else if (!in_reply_ || protocol_ != starttls_protocol::ftp) {
      fail("the server's answer is not one of " + std::string{to_string(protocol_)} + ": " +
           quoted(line));
    }
    return;
  }
  in_reply_ = false;
  const bool smtp = protocol_ == starttls_protocol::smtp;
  const auto number = replies_++;
  const std::string_view code = std::string_view{line}.substr(0, 3);
  const bool final_answer = number == (smtp ? 2U : 1U);
  const std::string_view wanted = number == 0            ? "220"
                                  : final_answer && smtp ? "220"
                                  : final_answer         ? "234"
                                                         : "250";
  if (code != wanted) {
    fail("the server answered " + quoted(line));
  } else if (final_answer) {
    ready();
  } else if (smtp) {
    output_ = number == 0 ? "EHLO xprober.invalid\r\n" : "STARTTLS\r\n";
  } else {
    output_ = "AUTH TLS\r\n";
  }
}

void starttls_dialog::take_imap(const std::string& line) {
  if (replies_ == 0) {
    if (!line.starts_with("* OK")) {
      fail("the server answered " + quoted(line));
      return;
    }
    ++replies_;
    output_ = "a1 STARTTLS\r\n";
  } else if (line.starts_with("a1 ")) {
    if (line.starts_with("a1 OK")) {
      ready();
    } else {
      fail("the server answered " + quoted(line));
    }
  } else if (!line.starts_with("* ")) {
    fail("the server answered " + quoted(line));
  }
}

void starttls_dialog::take_pop3(const std::string& line) {
  if (!line.starts_with("+OK")) {
    fail("the server answered " + quoted(line));
  } else if (replies_++ == 0) {
    output_ = "STLS\r\n";
  } else {
    ready();
  }
}

void starttls_dialog::take_postgres() {
  const char answer = input_.front();
  input_.erase(0, 1);
  if (answer == 'S') {
    ready();
  } else {
    fail(answer == 'N' ? "the server does not offer TLS"
                       : "the server answered " + quoted(std::string{answer} + input_));
  }
}

void starttls_dialog::take_ldap() {
  using state_of = ber_element::state;
  std::string_view rest = input_;
  const auto message = take_element(rest);
  if (message.what == state_of::cut && input_.starts_with('\x30')) {
    return;
  }
  // LDAPMessage ::= SEQUENCE { messageID, [APPLICATION 24] { resultCode, ... } }
  auto inside = message.contents;
  const auto id = take_element(inside);
  auto response = take_element(inside);
  const auto result = take_element(response.contents);
  if (message.what != state_of::whole || message.tag != 0x30 || id.what != state_of::whole ||
      response.what != state_of::whole || response.tag != 0x78 || result.what != state_of::whole ||
      result.tag != 0x0A || result.contents.size() != 1) {
    fail("the server's answer is not one of ldap: " + quoted(input_));
    return;
  }
  if (const auto code = static_cast<std::uint8_t>(result.contents[0]); code != 0) {
    // LDAPResult ::= { resultCode, matchedDN, diagnosticMessage, ... }
    take_element(response.contents);
    const auto words = take_element(response.contents).contents;
    fail("the server does not start TLS: result code " + std::to_string(code) +
         (words.empty() ? std::string{} : ": " + quoted(words)));
    return;
  }
  input_.erase(0, input_.size() - rest.size()); // all of the views above are over
  ready();
}

} // namespace xprober::tls
