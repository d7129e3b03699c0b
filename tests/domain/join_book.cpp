#define CAF_SUITE join_book

#include "xprober/domain/join_book.hpp"

#include "caf/test/unit_test.hpp"

namespace join_book_suite {

using namespace xprober;

namespace {

constexpr std::int64_t now = 1'800'000'000;

std::string hash_of(char digit) { return std::string(64, digit); }

join_token token_for(std::vector<std::string> regions) {
  join_token token;
  token.expires_unix = now + 60;
  token.regions = std::move(regions);
  token.networks = {"10.0.0.0/8"};
  return token;
}

/// Who shows a token with a key, and what becomes of it; a new one is in the book then.
join_decision join(join_book& book, const join_token& token, char token_digit, char key_digit,
                   const std::string& region = "", std::int64_t at = now) {
  auto made =
      judge_join(book, token, {hash_of(token_digit), hash_of(key_digit), region, "Host 1"}, at);
  if (made.refusal.empty() && made.is_new) {
    CAF_CHECK_EQUAL(book.take(join_line(made.agent)), "");
  }
  return made;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

} // namespace

CAF_TEST(a token is for one key) {
  join_book book;
  const auto token = token_for({"eu"});
  const auto first = join(book, token, 'a', '1');
  CAF_CHECK_EQUAL(first.refusal, "");
  CAF_CHECK(first.is_new);
  CAF_CHECK(first.agent.name == "host-1-aaaaaaaa");
  CAF_CHECK(first.agent.regions == std::vector<std::string>{"eu"});
  CAF_CHECK(first.agent.networks == std::vector<std::string>{"10.0.0.0/8"});
  CAF_MESSAGE("the same key may ask again, as where an answer was lost");
  const auto again = join(book, token, 'a', '1');
  CAF_CHECK_EQUAL(again.refusal, "");
  CAF_CHECK(!again.is_new);
  CAF_CHECK(again.agent == first.agent);
  CAF_MESSAGE("another key may not");
  const auto other = join(book, token, 'a', '2');
  CAF_CHECK(has(other.refusal, "was used by host-1-aaaaaaaa"));
  CAF_CHECK(has(other.refusal, "server token"));
}

CAF_TEST(two tokens that begin alike are two names) {
  join_book book;
  CAF_CHECK(join(book, token_for({"eu"}), 'a', '1').agent.name == "host-1-aaaaaaaa");
  auto near = hash_of('a');
  near.back() = 'b';
  const join_wish wish{near, hash_of('2'), "", "Host 1"};
  auto next = judge_join(book, token_for({"eu"}), wish, now);
  CAF_CHECK(next.agent.name == "host-1-aaaaaaaaa");
  CAF_CHECK_EQUAL(book.take(join_line(next.agent)), "");
  CAF_CHECK(is_joined_name(next.agent.name));
  CAF_CHECK(!is_joined_name("a\nb: c"));
  CAF_CHECK(!is_joined_name(std::string(65, 'a')));
}

CAF_TEST(a token has its time and its regions) {
  join_book book;
  CAF_CHECK(has(join(book, token_for({"eu"}), 'a', '1', "", now + 60).refusal, "has expired"));
  CAF_CHECK(has(join(book, token_for({"eu"}), 'a', '1', "us").refusal, "not for the region"));
  CAF_CHECK(has(join(book, token_for({}), 'a', '1').refusal, "--region"));
  CAF_CHECK(has(join(book, token_for({}), 'a', '1', "a\tb").refusal, "not the name of a region"));
  CAF_CHECK(book.agents().empty());
  CAF_CHECK(join(book, token_for({}), 'a', '1', "us").agent.regions ==
            std::vector<std::string>{"us"});
  CAF_CHECK(join(book, token_for({"eu", "us"}), 'b', '1', "us").agent.regions ==
            std::vector<std::string>{"us"});
  const std::vector<std::string> both{"eu", "us"};
  CAF_CHECK(join(book, token_for(both), 'c', '1').agent.regions == both);
}

CAF_TEST(who was revoked gets nothing more) {
  join_book book;
  const auto token = token_for({"eu"});
  const auto name = join(book, token, 'a', '1').agent.name;
  CAF_CHECK_EQUAL(why_not_renewed(book, name), "");
  CAF_CHECK_EQUAL(book.take(revoke_line(name, now + 1)), "");
  CAF_CHECK(has(why_not_renewed(book, name), "was revoked"));
  CAF_CHECK(has(join(book, token, 'a', '1').refusal, "was revoked"));
  CAF_CHECK(has(why_not_renewed(book, "somebody"), "has not joined"));
  CAF_CHECK_EQUAL(book.take(revoke_line(name, now + 9)), "");
  CAF_CHECK_EQUAL(book.find(name)->revoked_unix, now + 1);
}

CAF_TEST(a line that is none has a reason) {
  join_book book;
  const auto line = join_line(join(book, token_for({"eu"}), 'a', '1').agent);
  const std::vector<std::string> wrong_lines{"",
                                             "join",
                                             line,
                                             line + "\tx=1",
                                             line + "\tr=",
                                             "revoke\t5\tnobody",
                                             "join\tx\ta\tb\tc",
                                             "left\t5\thost-1-aaaaaaaa",
                                             "join\t5\ta/b\t" + hash_of('1') + "\t" + hash_of('2')};
  for (const auto& wrong : wrong_lines) {
    CAF_CHECK(!book.take(wrong).empty());
  }
  CAF_CHECK_EQUAL(book.take(line + "\tr="), "has a region or a network that is not valid");
  CAF_CHECK_EQUAL(book.agents().size(), std::size_t{1});
}

CAF_TEST(a certificate is renewed in its last third and missed in its last sixth) {
  const certificate_span span{now, now + 600};
  CAF_CHECK_EQUAL(renewal_of(span), now + 400);
  CAF_CHECK_EQUAL(certificate_fault(span, now + 450, "no route"), "");
  CAF_CHECK_EQUAL(certificate_fault(span, now + 550, ""), "");
  CAF_CHECK(has(certificate_fault(span, now + 550, "no route"), "could not be renewed: no route"));
  CAF_CHECK(has(certificate_fault(span, now + 700, "no route"), "has ended"));
}

} // namespace join_book_suite
