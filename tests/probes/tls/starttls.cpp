#define CAF_SUITE starttls

#include "xprober/probes/tls/starttls.hpp"

#include "caf/test/unit_test.hpp"

namespace starttls_suite {

using namespace xprober;
using tls::starttls_dialog;
using state = starttls_dialog::state;

namespace {

/// Feeds what the server says byte by byte; gives all that was sent.
std::string talk(starttls_dialog& dialog, const std::string& server) {
  std::string sent = dialog.take_output();
  for (const char c : server) {
    if (dialog.now() == state::reading) {
      dialog.feed({&c, 1});
      sent += dialog.take_output();
    }
  }
  return sent;
}

bool fails(starttls_protocol protocol, const std::string& server) {
  starttls_dialog dialog{protocol};
  talk(dialog, server);
  return dialog.now() == state::failed && !dialog.problem().empty();
}

} // namespace

CAF_TEST(each protocol stands at its place among the names) {
  for (const auto& [name, protocol] : starttls_names) {
    CAF_CHECK_EQUAL(tls::to_string(protocol), name);
  }
}

CAF_TEST(nothing to say) {
  CAF_CHECK(starttls_dialog{starttls_protocol::none}.now() == state::ready);
}

CAF_TEST(smtp) {
  starttls_dialog dialog{starttls_protocol::smtp};
  CAF_CHECK_EQUAL(talk(dialog, "220-mail.test\r\n220 ESMTP\r\n250-mail.test\r\n250-STARTTLS\r\n250 "
                               "HELP\r\n220 go ahead\r\n"),
                  "EHLO xprober.invalid\r\nSTARTTLS\r\n");
  CAF_CHECK(dialog.now() == state::ready);
  CAF_CHECK(fails(starttls_protocol::smtp, "554 no service\r\n"));
  CAF_CHECK(fails(starttls_protocol::smtp, "220 hi\r\n250 ok\r\n454 not now\r\n"));
  CAF_CHECK(fails(starttls_protocol::smtp, "SSH-2.0-x\r\n"));
  CAF_CHECK(fails(starttls_protocol::smtp, "22\r\n"));
}

CAF_TEST(ftp) {
  starttls_dialog dialog{starttls_protocol::ftp};
  CAF_CHECK_EQUAL(talk(dialog, "220-Welcome\r\n friend\r\n220 ready\r\n234 go\r\n"),
                  "AUTH TLS\r\n");
  CAF_CHECK(dialog.now() == state::ready);
  CAF_CHECK(fails(starttls_protocol::ftp, "220 ready\r\n530 login first\r\n"));
}

CAF_TEST(imap) {
  starttls_dialog dialog{starttls_protocol::imap};
  CAF_CHECK_EQUAL(talk(dialog, "* OK ready\r\n* CAPABILITY IMAP4rev1\r\na1 OK begin\r\n"),
                  "a1 STARTTLS\r\n");
  CAF_CHECK(dialog.now() == state::ready);
  CAF_CHECK(fails(starttls_protocol::imap, "* BYE\r\n"));
  CAF_CHECK(fails(starttls_protocol::imap, "* OK\r\na1 BAD what\r\n"));
  CAF_CHECK(fails(starttls_protocol::imap, "* OK\r\nx\r\n"));
}

CAF_TEST(pop3) {
  starttls_dialog dialog{starttls_protocol::pop3};
  CAF_CHECK_EQUAL(talk(dialog, "+OK ready\r\n+OK begin\r\n"), "STLS\r\n");
  CAF_CHECK(dialog.now() == state::ready);
  CAF_CHECK(fails(starttls_protocol::pop3, "+OK\r\n-ERR no\r\n"));
}

CAF_TEST(postgres) {
  starttls_dialog dialog{starttls_protocol::postgres};
  CAF_CHECK_EQUAL(talk(dialog, "S"), (std::string{"\0\0\0\x08\x04\xD2\x16\x2F", 8}));
  CAF_CHECK(dialog.now() == state::ready);
  CAF_CHECK(fails(starttls_protocol::postgres, "N"));
  CAF_CHECK(fails(starttls_protocol::postgres, "E"));
}

CAF_TEST(ldap) {
  starttls_dialog dialog{starttls_protocol::ldap};
  const std::string good{"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00", 14};
  CAF_CHECK_EQUAL(talk(dialog, good), (std::string{"\x30\x1d\x02\x01\x01\x77\x18\x80\x16", 9}) +
                                          "1.3.6.1.4.1.1466.20037");
  CAF_CHECK(dialog.now() == state::ready);
  auto refused = good;
  refused[9] = 52;
  CAF_CHECK(fails(starttls_protocol::ldap, refused));
  // Lengths in the long form are good, too; one without an end, and something else, are not.
  starttls_dialog longer{starttls_protocol::ldap};
  talk(longer, std::string{"\x30\x84\x00\x00\x00\x0c", 6} + good.substr(2));
  CAF_CHECK(longer.now() == state::ready);
  CAF_CHECK(fails(starttls_protocol::ldap, std::string{"\x30\x80\x00\x00", 4}));
  CAF_CHECK(fails(starttls_protocol::ldap, "HTTP/1.1 400 Bad Request"));
}

CAF_TEST(what was sent in the clear behind the answer is not believed) {
  starttls_dialog dialog{starttls_protocol::pop3};
  dialog.feed("+OK\r\n");
  CAF_CHECK_EQUAL(dialog.take_output(), "STLS\r\n");
  dialog.feed("+OK\r\n+OK injected\r\n");
  CAF_CHECK(dialog.now() == state::failed);
}

CAF_TEST(an answer that comes before its question is not taken) {
  const std::pair<starttls_protocol, const char*> early[] = {
      {starttls_protocol::smtp, "220 x\r\n250 x\r\n220 go\r\n"},
      {starttls_protocol::smtp, "220 x\r\n2"},
      {starttls_protocol::ftp, "220 ready\r\n234 go\r\n"},
      {starttls_protocol::pop3, "+OK\r\n+OK\r\n"},
      {starttls_protocol::imap, "* OK\r\na1 OK\r\n"},
      {starttls_protocol::imap, "* OK\r\n* CAPABILITY\r\na1 O"},
  };
  for (const auto& [protocol, said] : early) {
    starttls_dialog dialog{protocol};
    CAF_CHECK(dialog.feed(said) == state::failed);
    CAF_CHECK(dialog.problem().find("before it was asked") != std::string::npos);
  }
}

CAF_TEST(what imap says unasked may come at any time) {
  starttls_dialog dialog{starttls_protocol::imap};
  CAF_CHECK(dialog.feed("* OK ready\r\n* CAPABILITY IMAP4rev1\r\n* par") == state::reading);
  CAF_CHECK_EQUAL(dialog.take_output(), "a1 STARTTLS\r\n");
  CAF_CHECK(dialog.feed("t\r\na1 OK begin\r\n") == state::ready);
}

CAF_TEST(an answer without end is given up) {
  starttls_dialog dialog{starttls_protocol::imap};
  dialog.feed(std::string(70'000, '*'));
  CAF_CHECK(dialog.now() == state::failed);
}

} // namespace starttls_suite
