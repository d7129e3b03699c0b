#define CAF_SUITE chain_shares

#include <string>

#include "store/chain_telling.hpp"

#include "caf/test/unit_test.hpp"

namespace chain_shares_suite {

using namespace xprober;
using namespace xprober::chain_telling;

namespace {

/// Says of so many targets of its own which certificate they show.
chains_request all_of(const std::string& ip, const std::string& holder, int targets,
                      int first_certificate = 0) {
  auto said = from(ip, 0);
  said.holder = holder;
  for (int i = 0; i < targets; ++i) {
    show(said, ip + "-" + std::to_string(i), {mark(first_certificate + i)});
  }
  return said;
}

std::size_t shown_of(chain_book& book, const std::string& ip) {
  chain_query query;
  query.text = ip + "-";
  return book.find(query).matching;
}

} // namespace

CAF_TEST(who speaks as many agents has no more than who speaks as one) {
  chain_book book{{.certificates = 1000, .sightings = 100, .agents = 100}};
  for (int i = 0; i < 50; ++i) {
    book.take(all_of("liar" + std::to_string(i), "the liar", 2, 2 * i), everything);
  }
  CAF_CHECK_EQUAL(book.counts().sightings, 100U);
  book.take(all_of("honest", "somebody", 60, 500), everything);
  CAF_CHECK_EQUAL(shown_of(book, "honest"), 50U);
  CAF_CHECK_EQUAL(book.counts().sightings, 100U);
}

CAF_TEST(certificates are shared among holders likewise) {
  chain_book book{{.certificates = 40, .sightings = 1000, .agents = 100}};
  for (int i = 0; i < 20; ++i) {
    book.take(all_of("liar" + std::to_string(i), "the liar", 2, 2 * i), everything);
  }
  book.take(all_of("honest", "somebody", 30, 500), everything);
  CAF_CHECK_EQUAL(shown_of(book, "honest"), 20U);
  CAF_CHECK_EQUAL(book.counts().certificates, 40U);
}

CAF_TEST(agents of one holder share what it has) {
  chain_book book{{.certificates = 1000, .sightings = 40, .agents = 10}};
  book.take(all_of("a", "us", 40), everything);
  book.take(all_of("b", "us", 40, 100), everything);
  CAF_CHECK_EQUAL(shown_of(book, "a"), 20U);
  CAF_CHECK_EQUAL(shown_of(book, "b"), 20U);
}

CAF_TEST(the place of an agent is taken from who has most of them) {
  chain_book book{{.certificates = 1000, .sightings = 1000, .agents = 10}};
  for (int i = 0; i < 10; ++i) {
    book.take(all_of("liar" + std::to_string(i), "the liar", 1, i), everything,
              monotonic_time{std::chrono::seconds{10 - i}});
  }
  CAF_CHECK(!book.take(all_of("honest", "somebody", 1, 500), everything).again);
  CAF_CHECK_EQUAL(book.counts().agents, 10U);
  CAF_CHECK_EQUAL(shown_of(book, "honest"), 1U);
  // The one that was silent for longest went; it gets no place of its holder's others.
  CAF_CHECK_EQUAL(shown_of(book, "liar9"), 0U);
  CAF_CHECK_EQUAL(shown_of(book, "liar0"), 1U);
  CAF_CHECK(book.take(all_of("liar9", "the liar", 1, 9), everything).again);
  // Nor is there one beyond a holder's share for others of it.
  for (int i = 0; i < 6; ++i) {
    const bool fits = i < 4;
    const auto said = all_of("more" + std::to_string(i), "somebody", 1, 600 + i);
    CAF_CHECK_EQUAL(book.take(said, everything).again, !fits);
  }
  CAF_CHECK_EQUAL(book.counts().agents, 10U);
}

CAF_TEST(who has one agent keeps it however many others come) {
  chain_book book{{.certificates = 1000, .sightings = 1000, .agents = 2}};
  book.take(all_of("a", "one", 1), everything);
  book.take(all_of("b", "two", 1, 1), everything);
  CAF_CHECK(book.take(all_of("c", "three", 1, 2), everything).again);
  CAF_CHECK_EQUAL(shown_of(book, "a"), 1U);
  CAF_CHECK_EQUAL(shown_of(book, "b"), 1U);
  CAF_CHECK_EQUAL(book.counts().left_out, 1U);
}

CAF_TEST(an agent that comes from elsewhere is of another holder when it tells all anew) {
  chain_book book{{.certificates = 1000, .sightings = 1000, .agents = 2}};
  book.take(all_of("a", "here", 1), everything);
  book.take(all_of("a", "there", 1), everything);
  book.take(all_of("b", "there", 1), everything);
  CAF_CHECK_EQUAL(book.counts().agents, 2U);
  // It has left no share behind: this is one of two.
  CAF_CHECK(!book.take(all_of("c", "here", 1), everything).again);
  CAF_CHECK_EQUAL(book.counts().agents, 2U);
}

CAF_TEST(questions see what has changed since the last one) {
  chain_book book;
  book.take(all_of("a", "", 2), everything);
  CAF_CHECK_EQUAL(book.find({}).matching, 2U);
  CAF_CHECK_EQUAL(book.find({}).matching, 2U);
  auto gone = from("a", 1);
  gone.sightings.push_back({"tls", "eu", "a-0", -1, ""});
  book.take(gone, everything);
  CAF_CHECK_EQUAL(book.find({}).matching, 1U);
  auto other = from("a", 2);
  show(other, "a-1", {mark(7)}, "tls_expired");
  book.take(other, everything);
  const auto page = book.find({});
  CAF_REQUIRE_EQUAL(page.certificates.size(), 1U);
  CAF_CHECK_EQUAL(page.certificates[0].chain[0].fingerprint_sha256, mark(7));
  CAF_CHECK_EQUAL(page.certificates[0].refused, 1U);
  book.drop_silent(monotonic_time{chain_memory});
  CAF_CHECK_EQUAL(book.find({}).matching, 0U);
}

} // namespace chain_shares_suite
