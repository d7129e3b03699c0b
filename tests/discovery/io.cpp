#define CAF_SUITE io

#include "xprober/discovery/io.hpp"

#include <filesystem>
#include <fstream>

#include <boost/asio/io_context.hpp>
#include <unistd.h>

#include "caf/test/unit_test.hpp"

namespace io_suite {

using namespace xprober;

namespace {

struct fixture {
  ~fixture() { std::filesystem::remove(file); }

  std::string authorization(const target_url_source& source) {
    const auto answer = io->authorization(source);
    return answer.ok() ? answer.text : answer.error;
  }
  void write(const std::string& text) { std::ofstream{file, std::ios::binary} << text; }

  boost::asio::io_context context;
  std::shared_ptr<discovery_io> io = service_discovery::make_io(context, "");
  std::string file =
      (std::filesystem::temp_directory_path() / ("xprober-secret-" + std::to_string(::getpid())))
          .string();
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(io_tests, fixture)

CAF_TEST(credentials come from files whose blanks count) {
  write("\xEF\xBB\xBFsecret \r\n");
  target_url_source source;
  CAF_CHECK_EQUAL(authorization(source), "");
  source.bearer_token_file = file;
  CAF_CHECK_EQUAL(authorization(source), "Bearer secret ");
  source.bearer_token_file.clear();
  source.basic_auth = {"Aladdin", "", file};
  CAF_CHECK_EQUAL(authorization(source), "Basic QWxhZGRpbjpzZWNyZXQg");
  source.basic_auth = {"Aladdin", "open sesame", ""};
  CAF_CHECK_EQUAL(authorization(source), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

CAF_TEST(a secret that is none is named with its key and file) {
  write("\n");
  target_url_source source;
  source.bearer_token_file = file;
  CAF_CHECK(authorization(source).starts_with("target_urls.bearer_token_file: " + file + ": "));
  source.bearer_token_file.clear();
  source.basic_auth.password_file = file;
  CAF_CHECK(
      authorization(source).starts_with("target_urls.basic_auth.password_file: " + file + ": "));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace io_suite
