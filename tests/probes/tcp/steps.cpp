#define CAF_SUITE steps

#include "xprober/probes/tcp/steps.hpp"

#include <stdexcept>

#include "caf/test/unit_test.hpp"

namespace steps_suite {

using namespace xprober;
using xprober::tcp::step;

CAF_TEST(what is captured is sent) {
  const step s{{"^SSH-([0-9.]+)-(?P<who>\\w+)", "v$1 ${1}x $who ${who}! $$5 $9 $nobody.", false},
               "k"};
  CAF_CHECK(s.match("SSH-2.0-OpenSSH_9") == "v2.0 2.0x OpenSSH_9 OpenSSH_9! $5  .");
  CAF_CHECK(!s.match("220 mail"));
}

CAF_TEST(the longest name counts and a lone dollar is one) {
  const step s{{"(a)", "$1x ${1 $ ${} $", false}, "k"};
  CAF_CHECK(s.match("a") == " ${1 $ ${} $");
}

CAF_TEST(a match stands anywhere in the line) {
  const step s{{"OK", "", false}, "k"};
  CAF_CHECK(s.match("250 OK then") == "");
  CAF_CHECK(s.expects());
}

CAF_TEST(a line that is no UTF - 8 is read byte by byte) {
  const step s{{"^...(.) login(:)$", "$1 $2", false}, "k"};
  CAF_CHECK(s.match("\xFF\xFD\x18\xFE login:") == "\xFE :");
  CAF_CHECK(!s.match("\xFF\xFD login:"));
  CAF_CHECK(s.match("\u00FC\u00FC\u00FC\u20AC login:") == "\u20AC :");
  const step named{{"b\u00FCcher\\xff", "", false}, "k"};
  CAF_CHECK(named.match("\xFE b\u00FCcher\xFF"));
}

CAF_TEST(a step without expectation sends what is written) {
  const step s{{"", "QUIT $1", true}, "k"};
  CAF_CHECK(!s.expects());
  CAF_CHECK(s.starts_tls());
  CAF_CHECK_EQUAL(s.plain_send(), "QUIT $1");
}

CAF_TEST(an expression that cannot be read is named) {
  try {
    tcp::make_steps({{"ok", "", false}, {"(", "", false}});
    CAF_FAIL("it was taken");
  } catch (const std::runtime_error& wrong) {
    CAF_CHECK_EQUAL(std::string{wrong.what()}.find(
                        "tcp.query_response[1].expect: '(' is not a regular expression"),
                    0u);
  }
}

} // namespace steps_suite
