#define CAF_SUITE chain_book

#include "xprober/store/chain_book.hpp"

#include <algorithm>

#include "store/chain_telling.hpp"
#include "xprober/base/certificate_facts.hpp"
#include "xprober/base/certificate_maker.hpp"

#include "caf/test/unit_test.hpp"

namespace chain_book_suite {

using namespace xprober;
using namespace xprober::chain_telling;

namespace {

/// A certificate's PEM form as the wire has it.
std::string told_form(const std::string& pem) {
  std::string out;
  const auto begin = pem.find('\n');
  for (const char c : pem.substr(begin, pem.find("-----END") - begin)) {
    if (c == '+' || c == '/') {
      out += c == '+' ? '-' : '_';
    } else if (c != '\n' && c != '=') {
      out += c;
    }
  }
  return out;
}

std::string hex(const std::string& bytes) {
  std::string out;
  for (const unsigned char c : bytes) {
    out += "0123456789abcdef"[c >> 4];
    out += "0123456789abcdef"[c & 0xF];
  }
  return out;
}

struct made {
  std::string told;
  std::string fingerprint;
};

made make(const std::string& name) {
  static const auto authority = make_authority();
  const auto pem = issue_server_certificate(authority, {name}).certificate;
  return {told_form(pem), hex(certificate_hash(pem).value())};
}

sent_certificate link(const std::string& subject, const std::string& issuer,
                      std::int64_t end = 100) {
  return {subject, issuer, {}, 1, end, "EC 256", subject};
}

} // namespace

CAF_TEST(a certificate is asked for until somebody has sent it) {
  chain_book book;
  const auto shop = make("shop.test");
  auto said = from("a", 0);
  show(said, "shop.test:443", {shop.fingerprint});
  const auto first = book.take(said, everything);
  CAF_CHECK(!first.again);
  CAF_CHECK_EQUAL(first.sequence, 1U);
  CAF_REQUIRE_EQUAL(first.wanted.size(), 1U);
  CAF_CHECK_EQUAL(first.wanted[0], shop.fingerprint);
  auto unknown = book.find({});
  CAF_REQUIRE_EQUAL(unknown.certificates.size(), 1U);
  CAF_CHECK(unknown.certificates[0].chain[0].subject.empty());

  auto bytes = from("a", 1);
  bytes.certificates = {shop.told};
  CAF_CHECK(book.take(bytes, everything).wanted.empty());
  auto other = from("b", 0);
  show(other, "shop.test:443", {shop.fingerprint});
  CAF_CHECK(book.take(other, everything).wanted.empty());
  const auto page = book.find({});
  CAF_REQUIRE_EQUAL(page.certificates.size(), 1U);
  const auto& row = page.certificates[0];
  CAF_CHECK(row.chain[0].dns_names == std::vector<std::string>{"shop.test"});
  CAF_CHECK(row.chain[0].not_after_unix > row.chain[0].not_before_unix);
  CAF_CHECK((row.sources == std::vector<std::string>{"r-a", "r-b"}));
  CAF_CHECK_EQUAL(row.targets, 1U);
  CAF_CHECK_EQUAL(row.differing, 0U);
  CAF_CHECK(row.state == chain_state::complete);
}

CAF_TEST(nobody says what a certificate of another is) {
  chain_book book;
  const auto shop = make("shop.test");
  const auto liar = make("liar.test");
  auto said = from("a", 0);
  show(said, "shop.test:443", {shop.fingerprint});
  book.take(said, everything);
  auto lie = from("b", 0);
  show(lie, "shop.test:443", {shop.fingerprint});
  lie.certificates = {liar.told, "bm90aGluZw", "not base64 at all!"};
  book.take(lie, everything);
  CAF_CHECK(book.find({}).certificates.at(0).chain[0].subject.empty());
  CAF_CHECK_EQUAL(book.counts().refused, 3U);
  auto cut = from("b", 1);
  cut.certificates = {shop.told.substr(0, shop.told.size() - 8), shop.told + "AAAA"};
  book.take(cut, everything);
  CAF_CHECK(book.find({}).certificates.at(0).chain[0].subject.empty());
}

CAF_TEST(bytes that are no certificate stay unknown though somebody shows them) {
  chain_book book;
  const std::string nothing = "nothing";
  auto said = from("a", 0);
  show(said, "shop.test:443", {fingerprint_of_der(nothing)});
  said.certificates = {"bm90aGluZw"};
  CAF_CHECK_EQUAL(book.take(said, everything).wanted.size(), 1U);
  auto bytes = from("a", 1);
  bytes.certificates = said.certificates;
  book.take(bytes, everything);
  CAF_CHECK_EQUAL(book.counts().refused, 2U);
  CAF_CHECK(book.find({}).certificates.at(0).chain[0].subject.empty());
}

CAF_TEST(a request that comes again changes nothing and a gap is told anew) {
  chain_book book;
  auto said = from("a", 0);
  show(said, "one:443", {mark(1)});
  show(said, "two:443", {mark(1)});
  book.take(said, everything);
  auto next = from("a", 1);
  show(next, "two:443", {mark(2)});
  next.sightings.push_back({"tls", "eu", "one:443", -1, ""});
  CAF_CHECK_EQUAL(book.take(next, everything).sequence, 2U);
  CAF_CHECK_EQUAL(book.take(next, everything).sequence, 2U);
  CAF_CHECK_EQUAL(book.counts().sightings, 1U);
  CAF_CHECK_EQUAL(book.counts().certificates, 1U);
  CAF_CHECK(book.take(from("a", 5), everything).again);
  CAF_CHECK(book.take(from("b", 1), everything).again);
  auto reborn = from("a", 2);
  reborn.process = "another";
  CAF_CHECK(book.take(reborn, everything).again);
  book.take(from("a", 0), everything);
  CAF_CHECK_EQUAL(book.counts().sightings, 0U);
  CAF_CHECK_EQUAL(book.counts().chains, 0U);
  CAF_CHECK_EQUAL(book.counts().certificates, 0U);
}

CAF_TEST(targets that show others to others are found) {
  chain_book book;
  auto a = from("a", 0);
  show(a, "shop:443", {mark(1), mark(9)});
  show(a, "news:443", {mark(3), mark(9)});
  book.take(a, everything);
  auto b = from("b", 0);
  show(b, "shop:443", {mark(2)}, "tls_unknown_issuer");
  show(b, "news:443", {mark(3), mark(9)});
  book.take(b, everything);
  chain_query query;
  query.differing = true;
  const auto page = book.find(query);
  CAF_REQUIRE_EQUAL(page.certificates.size(), 2U);
  const auto& row = page.certificates[1];
  CAF_CHECK_EQUAL(row.chain[0].fingerprint_sha256, mark(2));
  CAF_CHECK_EQUAL(row.refused, 1U);
  CAF_CHECK_EQUAL(row.differing, 1U);
  CAF_REQUIRE_EQUAL(row.shown.size(), 1U);
  CAF_CHECK(row.shown[0].differs);
  CAF_REQUIRE_EQUAL(row.shown[0].witnesses.size(), 2U);
  CAF_CHECK_EQUAL(row.shown[0].witnesses[0].agent.region, "r-a");
  CAF_CHECK_EQUAL(row.shown[0].witnesses[0].fingerprint, mark(1));
  CAF_CHECK_EQUAL(row.shown[0].witnesses[1].verdict, "tls_unknown_issuer");
  chain_query one;
  one.target = stable_hash("eu", "news:443", "tls");
  CAF_CHECK_EQUAL(book.find(one).matching, 1U);
  chain_query part;
  part.text = "SHOP";
  CAF_CHECK_EQUAL(book.find(part).matching, 2U);
  chain_query paged;
  paged.offset = 1;
  paged.limit = 1;
  const auto second = book.find(paged);
  CAF_CHECK_EQUAL(second.matching, 3U);
  CAF_REQUIRE_EQUAL(second.certificates.size(), 1U);
  CAF_CHECK_EQUAL(second.certificates[0].chain[0].fingerprint_sha256, mark(2));
}

CAF_TEST(an agent that fills the table leaves others their share) {
  chain_book book{{.certificates = 20, .sightings = 100, .agents = 10}};
  auto liar = from("liar", 0);
  for (int i = 0; i < 40; ++i) {
    show(liar, "made-up-" + std::to_string(i), {mark(i)});
  }
  book.take(liar, everything);
  CAF_CHECK_EQUAL(book.counts().certificates, 20U);
  CAF_CHECK_EQUAL(book.counts().left_out, 20U);
  auto honest = from("honest", 0);
  show(honest, "shop:443", {mark(100), mark(101)});
  book.take(honest, everything);
  // The liar keeps its half.
  CAF_CHECK_EQUAL(book.counts().certificates, 12U);
  CAF_CHECK_EQUAL(book.counts().left_out, 30U);
  CAF_CHECK(book.take(from("liar", 1), everything).again);
  book.take(liar, everything);
  CAF_CHECK_EQUAL(book.counts().certificates, 20U);
  auto more = from("honest", 1);
  show(more, "news:443", {mark(102)});
  book.take(more, everything);
  CAF_CHECK_EQUAL(book.counts().certificates, 13U);
  CAF_CHECK_EQUAL(book.find({}).matching, 12U);
}

CAF_TEST(two with more than their shares leave each other alone) {
  chain_book book{{.certificates = 100, .sightings = 20, .agents = 10}};
  const auto all_of = [](const char* ip, int targets) {
    auto said = from(ip, 0);
    for (int i = 0; i < targets; ++i) {
      show(said, "shop-" + std::to_string(i), {mark(1)});
    }
    return said;
  };
  book.take(all_of("a", 20), everything, monotonic_time{std::chrono::minutes{9}});
  book.take(all_of("b", 14), everything);
  CAF_CHECK_EQUAL(book.counts().sightings, 20U);
  CAF_CHECK_EQUAL(book.counts().left_out, 14U);
  CAF_CHECK(!book.take(from("a", 1), everything, monotonic_time{std::chrono::minutes{9}}).again);
  CAF_CHECK(!book.take(from("b", 1), everything).again);
  // What had no place is told again once there is room.
  book.drop_silent(monotonic_time{chain_memory});
  CAF_CHECK_EQUAL(book.counts().sightings, 10U);
  CAF_CHECK(book.take(from("a", 2), everything).again);
  book.take(all_of("a", 20), everything);
  CAF_CHECK_EQUAL(book.counts().sightings, 20U);
  CAF_CHECK(!book.take(from("a", 1), everything).again);
}

CAF_TEST(what is shared makes no room and more is taken) {
  chain_book book{{.certificates = 12, .sightings = 100, .agents = 10}};
  for (const auto* ip : {"a", "b"}) {
    auto said = from(ip, 0);
    for (int i = 0; i < 12; ++i) {
      show(said, "shop-" + std::to_string(i), {mark(i)});
    }
    book.take(said, everything);
  }
  auto third = from("c", 0);
  show(third, "news:443", {mark(100)});
  show(third, "news:444", {mark(101)});
  book.take(third, everything);
  CAF_CHECK(book.counts().certificates <= 12U);
  chain_query news;
  news.text = "news:";
  CAF_CHECK_EQUAL(book.find(news).matching, 2U);
}

CAF_TEST(verdicts that an agent makes up are none) {
  chain_book book;
  auto liar = from("liar", 0);
  for (int i = 0; i < 300; ++i) {
    show(liar, "made-up-" + std::to_string(i), {mark(1)}, "tls_lie_" + std::to_string(i));
  }
  book.take(liar, everything);
  CAF_CHECK_EQUAL(book.find({}).certificates.at(0).refused, 0U);
  auto honest = from("honest", 0);
  show(honest, "shop:443", {mark(2)}, "tls_wrong_name");
  book.take(honest, everything);
  chain_query one;
  one.fingerprint = mark(2);
  const auto page = book.find(one);
  CAF_REQUIRE_EQUAL(page.certificates.size(), 1U);
  CAF_CHECK_EQUAL(page.certificates[0].refused, 1U);
  CAF_CHECK(page.certificates[0].refusals == std::vector<std::string>{"tls_wrong_name"});
}

CAF_TEST(a chain is not judged by what is said of another one) {
  chain_book book;
  auto said = from("a", 0);
  show(said, "one:443", {mark(1), mark(2)});
  show(said, "two:443", {mark(1), mark(2)});
  show(said, "three:443", {mark(1)}, "tls_unknown_issuer");
  book.take(said, everything);
  const auto page = book.find({});
  CAF_REQUIRE_EQUAL(page.certificates.size(), 1U);
  CAF_CHECK_EQUAL(page.certificates[0].chain.size(), 2U);
  CAF_CHECK_EQUAL(page.certificates[0].chains, 2U);
  CAF_CHECK_EQUAL(page.certificates[0].refused, 1U);
  CAF_CHECK(page.certificates[0].state == chain_state::complete);
}

CAF_TEST(of many who see a target some are named and of each certificate one) {
  chain_book book;
  for (int i = 10; i < 30; ++i) {
    auto said = from(std::to_string(i), 0);
    show(said, "shop:443", {mark(i < 28 ? 1 : i)});
    book.take(said, everything);
  }
  chain_query query;
  query.fingerprint = mark(29);
  query.witnesses = 4;
  const auto page = book.find(query);
  CAF_REQUIRE_EQUAL(page.certificates.size(), 1U);
  CAF_REQUIRE_EQUAL(page.certificates[0].shown.size(), 1U);
  const auto& shown = page.certificates[0].shown[0];
  CAF_CHECK_EQUAL(shown.seen_by, 20U);
  CAF_REQUIRE_EQUAL(shown.witnesses.size(), 4U);
  std::vector<std::string> named;
  for (const auto& one : shown.witnesses) {
    named.push_back(one.agent.local_ip);
  }
  CAF_CHECK((named == std::vector<std::string>{"10", "11", "28", "29"}));
  query.witnesses = 1;
  CAF_CHECK_EQUAL(book.find(query).certificates.at(0).shown.at(0).witnesses.at(0).agent.local_ip,
                  "29");
  query.witnesses = 0;
  CAF_CHECK(book.find(query).certificates.at(0).shown.at(0).witnesses.empty());
}

CAF_TEST(agents beyond those that there may be have no place) {
  chain_book book{{.certificates = 8, .sightings = 100, .agents = 1}};
  auto a = from("a", 0);
  show(a, "shop:443", {mark(1)});
  book.take(a, everything);
  auto b = from("b", 0);
  show(b, "shop:443", {mark(2)});
  // It comes again with the next heartbeat, and not in between.
  CAF_CHECK(book.take(b, everything).again);
  CAF_CHECK(book.take(from("c", 1), everything).again);
  CAF_CHECK_EQUAL(book.counts().agents, 1U);
  CAF_CHECK_EQUAL(book.counts().left_out, 1U);
  CAF_CHECK_EQUAL(book.counts().certificates, 1U);
}

CAF_TEST(what was not admitted is told again when there are other targets) {
  chain_book book;
  auto said = from("a", 0);
  show(said, "shop:443", {mark(1)});
  book.take(said, [](const agent_identity&, const told_sighting&) { return false; });
  CAF_CHECK_EQUAL(book.counts().sightings, 0U);
  CAF_CHECK(!book.take(from("a", 1), everything).again);
  book.reconsider();
  CAF_CHECK(book.take(from("a", 2), everything).again);
  book.take(said, everything);
  book.reconsider();
  CAF_CHECK(!book.take(from("a", 1), everything).again);
  CAF_CHECK_EQUAL(book.counts().sightings, 1U);
}

CAF_TEST(a target that is not admitted any more keeps nothing of before) {
  chain_book book;
  auto said = from("a", 0);
  show(said, "shop:443", {mark(1)});
  book.take(said, everything);
  auto changed = from("a", 1);
  show(changed, "shop:443", {mark(2)});
  book.take(changed, [](const agent_identity&, const told_sighting&) { return false; });
  CAF_CHECK_EQUAL(book.counts().sightings, 0U);
  CAF_CHECK_EQUAL(book.counts().left_out, 1U);
}

CAF_TEST(what is not admitted any more is dropped) {
  chain_book book;
  auto said = from("a", 0);
  show(said, "shop:443", {mark(1)});
  show(said, "news:443", {mark(2)});
  book.take(said, everything);
  book.recheck([](const agent_identity& who, const told_sighting& told) {
    return who.region == "r-a" && told.prober_type == "tls" && told.region == "eu" &&
           told.target == "news:443";
  });
  CAF_CHECK_EQUAL(book.counts().sightings, 1U);
  const auto page = book.find({});
  CAF_REQUIRE_EQUAL(page.certificates.size(), 1U);
  CAF_CHECK_EQUAL(page.certificates[0].chain[0].fingerprint_sha256, mark(2));
  // It may be one again.
  book.reconsider();
  CAF_CHECK(book.take(from("a", 1), everything).again);
}

CAF_TEST(agents that are silent take theirs along) {
  chain_book book;
  for (const auto* ip : {"a", "b"}) {
    auto said = from(ip, 0);
    show(said, "shop:443", {mark(ip[0]), mark(7)});
    book.take(said, everything);
  }
  book.drop_silent(monotonic_time{chain_memory - std::chrono::seconds{1}});
  CAF_CHECK_EQUAL(book.counts().agents, 2U);
  CAF_CHECK_EQUAL(book.find({}).certificates.at(0).differing, 1U);
  book.take(from("b", 1), everything, monotonic_time{std::chrono::seconds{30}});
  book.drop_silent(monotonic_time{chain_memory});
  CAF_CHECK_EQUAL(book.counts().agents, 1U);
  CAF_CHECK_EQUAL(book.counts().certificates, 2U);
  CAF_REQUIRE_EQUAL(book.find({}).matching, 1U);
  CAF_CHECK_EQUAL(book.find({}).certificates.at(0).differing, 0U);
  CAF_CHECK(book.take(from("a", 1), everything).again);
  book.drop_silent(monotonic_time{2 * chain_memory});
  CAF_CHECK_EQUAL(book.counts().certificates, 0U);
  CAF_CHECK_EQUAL(book.counts().sightings, 0U);
}

CAF_TEST(a chain is judged by its order and by what agents say) {
  const auto leaf = link("leaf", "middle");
  const auto middle = link("middle", "root");
  const auto root = link("root", "root");
  const auto judge = [](std::vector<sent_certificate> chain, std::string_view verdict) {
    return judge_chain(chain, verdict);
  };
  CAF_CHECK(judge({leaf, middle}, "accepted") == chain_state::complete);
  CAF_CHECK(judge({leaf, middle, root}, "") == chain_state::complete);
  CAF_CHECK(judge({leaf}, "tls_unknown_issuer") == chain_state::incomplete);
  CAF_CHECK(judge({leaf, middle, root}, "tls_unknown_issuer") == chain_state::untrusted_root);
  CAF_CHECK(judge({leaf}, "") == chain_state::unverified);
  CAF_CHECK(judge({leaf, root, middle}, "accepted") == chain_state::wrong_order);
  CAF_CHECK(judge({leaf, middle, link("other", "x")}, "accepted") == chain_state::unrelated);
  // What is refused for its names or its time has been verified up to there.
  CAF_CHECK(judge({leaf, middle}, "tls_wrong_name") == chain_state::complete);
  CAF_CHECK(judge({leaf, middle}, "tls_expired") == chain_state::complete);
  // Bytes that are still to come are no fault of the chain.
  const auto unknown = link("", "", 0);
  CAF_CHECK(judge({leaf, unknown, root}, "accepted") == chain_state::complete);
  CAF_CHECK(judge({unknown, middle}, "accepted") == chain_state::complete);
}

CAF_TEST(the first to end counts and what is not known does not) {
  const std::vector chain{link("leaf", "middle", 50), link("middle", "root", 20),
                          link("root", "root", 0)};
  CAF_CHECK_EQUAL(first_to_end(chain), 1U);
}

} // namespace chain_book_suite
