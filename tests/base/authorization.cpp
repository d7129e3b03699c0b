#define CAF_SUITE authorization

#include "xprober/base/authorization.hpp"

#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "caf/test/unit_test.hpp"

namespace authorization_suite {

using namespace xprober;

namespace {

struct fixture {
  fixture() { std::ofstream{file, std::ios::binary} << "\xEF\xBB\xBFsecret \r\n"; }
  ~fixture() { std::filesystem::remove(file); }

  std::string file = (std::filesystem::temp_directory_path() /
                      ("xprober-authorization-" + std::to_string(::getpid())))
                         .string();
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(authorization_tests, fixture)

CAF_TEST(credentials come from the configuration or a file whose blanks count) {
  CAF_CHECK_EQUAL(read_authorization("x.", "", {}).text, "");
  CAF_CHECK_EQUAL(read_authorization("x.", file, {}).text, "Bearer secret ");
  CAF_CHECK_EQUAL(read_authorization("x.", "", {"Aladdin", "open sesame", ""}).text,
                  "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  CAF_CHECK_EQUAL(read_authorization("x.", "", {"Aladdin", "", file}).text,
                  "Basic QWxhZGRpbjpzZWNyZXQg");
}

CAF_TEST(a file that cannot be used is named with the key of its section) {
  const auto gone = file + ".gone";
  CAF_CHECK(
      read_authorization("x.", gone, {}).error.starts_with("x.bearer_token_file: " + gone + ": "));
  CAF_CHECK(read_authorization("", "", {"u", "", gone})
                .error.starts_with("basic_auth.password_file: " + gone + ": "));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace authorization_suite
