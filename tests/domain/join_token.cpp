#define CAF_SUITE join_token

#include "xprober/domain/join_token.hpp"

#include <utility>

#include "xprober/domain/hex.hpp"

#include "caf/test/unit_test.hpp"

namespace join_token_suite {

using namespace xprober;

namespace {

signed_join_token a_token() {
  signed_join_token made;
  made.token.id = std::string(join_token::bytes_of_id, '\x07');
  made.token.expires_unix = 1'800'000'000;
  made.token.authority = std::string(join_token::bytes_of_hash, '\xfe');
  made.token.regions = {"eu-west", "münchen"};
  made.token.networks = {"10.0.0.0/8"};
  made.signature = "signed";
  return made;
}

} // namespace

CAF_TEST(a token is read as it was written) {
  const auto made = a_token();
  const auto text = to_text(made);
  CAF_CHECK(text.starts_with("xpj1_"));
  std::string error = "of before";
  const auto read = read_join_token(text, error);
  CAF_REQUIRE(read.has_value());
  CAF_CHECK(*read == made);
  CAF_CHECK(error.empty());
}

CAF_TEST(what is no token has a reason) {
  const auto text = to_text(a_token());
  std::string error;
  for (const auto& wrong :
       {std::string{}, std::string{"xpj1_"}, text.substr(1), text.substr(0, 40), text + "=",
        text.substr(0, 8) + " " + text.substr(8), std::string(100'000, 'a')}) {
    error.clear();
    CAF_CHECK(!read_join_token(wrong, error));
    CAF_CHECK(!error.empty());
  }
  CAF_MESSAGE("a region that is none");
  auto made = a_token();
  made.token.regions = {"a\tb"};
  CAF_CHECK(!read_join_token(to_text(made), error));
}

CAF_TEST(everything that a token says is signed) {
  const auto before = signed_part(a_token().token);
  const auto differs = [&](auto change) {
    auto token = a_token().token;
    change(token);
    return signed_part(token) != before;
  };
  CAF_CHECK(differs([](join_token& t) { t.id[0] = 'x'; }));
  CAF_CHECK(differs([](join_token& t) { ++t.expires_unix; }));
  CAF_CHECK(differs([](join_token& t) { t.authority[3] = 'x'; }));
  CAF_CHECK(differs([](join_token& t) { t.regions.pop_back(); }));
  CAF_CHECK(differs([](join_token& t) { std::swap(t.regions, t.networks); }));
}

CAF_TEST(bytes have two digits each) {
  CAF_CHECK_EQUAL(hex_text(std::string{"\x00\x0f\xa0\xff", 4}), "000fa0ff");
}

} // namespace join_token_suite
