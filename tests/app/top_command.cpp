#define CAF_SUITE top_command
#include "xprober/app/top_command.hpp"

#include "xprober/net/tls.hpp"

#include "net/thrown.hpp"

#include "caf/test/unit_test.hpp"

namespace top_command_suite {

using namespace xprober;

CAF_TEST(the key of a token that cannot be read is named) {
  const auto problem = [](const web_config& web) {
    return test::thrown<net::setup_error>([&] { app::own_screen{web, "127.0.0.1:1"}; });
  };
  web_config web;
  web.token_file = "/gone/all";
  CAF_CHECK(problem(web).starts_with("web.token_file: /gone/all: "));
  web.read_token_file = "/gone/read";
  CAF_CHECK(problem(web).starts_with("web.read_token_file: /gone/read: "));
}

} // namespace top_command_suite
