#define CAF_SUITE token

#include "xprober/rpc/token.hpp"

#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "net/thrown.hpp"
#include "xprober/net/tls.hpp"

#include "caf/test/unit_test.hpp"

namespace token_suite {

using namespace xprober;
using namespace xprober::rpc;

namespace {

struct fixture {
  ~fixture() { std::filesystem::remove(file); }
  std::string read(const std::string& content) {
    std::ofstream{file, std::ios::binary} << content;
    return read_token_file(file);
  }
  std::string error(const std::string& content) {
    return test::thrown<net::setup_error>([&] { read(content); });
  }
  std::string file =
      (std::filesystem::temp_directory_path() / ("xprober-token-" + std::to_string(::getpid())))
          .string();
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(token_tests, fixture)

CAF_TEST(line_ends_and_a_byte_order_mark_do_not_count) {
  CAF_CHECK_EQUAL(read("secret"), "secret");
  CAF_CHECK_EQUAL(read("\xEF\xBB\xBFsecret\r\n"), "secret");
  CAF_CHECK_EQUAL(read_token_file(""), "");
}

CAF_TEST(unusable_files_are_named) {
  for (const auto& content :
       {std::string{}, std::string{" \n"}, std::string{"two words"}, std::string{"secret "},
        std::string{"a\nb"}, std::string(5000, 'x')}) {
    const auto text = error(content);
    CAF_CHECK_EQUAL(text.find("rpc.token_file: " + file + ": "), 0u);
  }
  const auto missing = test::thrown<net::setup_error>([&] { read_token_file(file + ".missing"); });
  CAF_CHECK(missing.find("cannot be read") != std::string::npos);
}

CAF_TEST(a_token_that_could_be_guessed_is_asked_of_no_person) {
  const auto asked = [&](const std::string& content) {
    std::ofstream{file, std::ios::binary} << content;
    return read_asked_token(file, "web.token_file");
  };
  CAF_CHECK_EQUAL(asked("0123456789abcdef\n"), "0123456789abcdef");
  const auto text = test::thrown<net::setup_error>([&] { asked("0123456789abcde\n"); });
  CAF_CHECK(text.starts_with("web.token_file: " + file + ": has 15 characters"));
  CAF_CHECK_EQUAL(read_asked_token("", "web.token_file"), "");
  CAF_CHECK_EQUAL(read_agents_token(file), "0123456789abcde");
}

CAF_TEST(only_the_whole_token_matches) {
  CAF_CHECK(bearer_matches("Bearer secret", "secret"));
  CAF_CHECK(bearer_matches("bearer secret", "secret"));
  for (const auto* wrong : {"", "Bearer", "Bearer secre", "Bearer secrets", "Bearer Secret",
                            "Basic secret", "secret", "Bearer  secret"}) {
    CAF_CHECK(!bearer_matches(wrong, "secret"));
  }
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace token_suite
