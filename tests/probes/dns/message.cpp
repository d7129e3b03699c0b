#define CAF_SUITE message

#include "xprober/probes/dns/message.hpp"
#include "xprober/domain/dns_names.hpp"

#include <random>

#include "caf/test/unit_test.hpp"

namespace message_suite {

using namespace xprober;
using namespace xprober::dns_query;

namespace {

using bytes = std::vector<std::uint8_t>;

bytes of(std::string_view text) { return {text.begin(), text.end()}; }

bytes operator+(bytes a, const bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

bytes u16(unsigned n) { return {static_cast<std::uint8_t>(n >> 8U), static_cast<std::uint8_t>(n)}; }

bytes u32(std::uint32_t n) { return u16(n >> 16U) + u16(n & 0xFFFFU); }

/// A record whose owner is the name of the question, at offset 12.
bytes rr(std::uint16_t type, const bytes& data, std::uint32_t ttl = 300) {
  return u16(0xC00C) + u16(type) + u16(1) + u32(ttl) + u16(static_cast<unsigned>(data.size())) +
         data;
}

bytes answer(const std::vector<bytes>& records, unsigned flags = 0x8180) {
  auto out =
      u16(7) + u16(flags) + u16(1) + u16(static_cast<unsigned>(records.size())) + u16(0) + u16(0);
  out = out + of(std::string_view{"\1a\7example\0", 11}) + u16(255) + u16(1);
  for (const auto& one : records) {
    out = out + one;
  }
  return out;
}

/// An answer whose records all point to one name of 255 bytes, which is as text about a KiB.
bytes pointing(std::size_t records, unsigned flags = 0x8180) {
  auto out = u16(7) + u16(flags) + u16(1) + u16(static_cast<unsigned>(records)) + u16(0) + u16(0);
  for (const std::uint8_t size : {63, 63, 63, 61}) {
    out = out + bytes{size} + bytes(size, 1);
  }
  out = out + bytes{0} + u16(1) + u16(1);
  const auto one = rr(1, {192, 0, 2, 1});
  for (std::size_t i = 0; i < records; ++i) {
    out.insert(out.end(), one.begin(), one.end());
  }
  return out;
}

std::size_t text_of(const message& read) {
  std::size_t all = 0;
  for (const auto* section : {&read.answers, &read.authorities, &read.additionals}) {
    for (const auto& one : *section) {
      all += one.name.size() + one.data.size();
    }
  }
  return all;
}

std::string data_of(std::uint16_t type, const bytes& data) {
  const auto read = read_message(answer({rr(type, data)}));
  return read && read->answers.size() == 1 ? read->answers[0].data : "malformed";
}

} // namespace

CAF_TEST(records of DNSSEC and of keys as zone files have them) {
  CAF_CHECK_EQUAL(data_of(43, u16(12345) + of("\x0D\2") + bytes{0xAB, 0xCD}), "12345 13 2 ABCD");
  CAF_CHECK_EQUAL(data_of(44, of("\4\2") + bytes{0xAB, 0xCD}), "4 2 ABCD");
  CAF_CHECK_EQUAL(data_of(48, u16(257) + of("\3\x0D") + bytes{0, 1, 2, 3}), "257 3 13 AAECAw==");
  CAF_CHECK_EQUAL(data_of(52, of("\3\1\1") + bytes{0xAB, 0xCD}), "3 1 1 abcd");
  CAF_CHECK_EQUAL(data_of(35, u16(10) + u16(20) + of("\1u\3E2U\2!!") + bytes{0}),
                  "10 20 \"u\" \"E2U\" \"!!\" .");
  CAF_CHECK_EQUAL(data_of(46, u16(1) + of("\x0D\2") + u32(300) + u32(1704164645) + u32(1577934245) +
                                  u16(7) + of("\1z") + bytes{0, 0xFF}),
                  "A 13 2 300 20240102030405 20200102030405 7 z. /w==");
  CAF_CHECK_EQUAL(data_of(13, of("\3ARM\5Linux")), "\"ARM\" \"Linux\"");
  CAF_CHECK_EQUAL(data_of(43, u16(1)), "malformed");
  CAF_CHECK_EQUAL(data_of(13, of("\3AR")), "malformed");
}

CAF_TEST(an answer) {
  const auto read = read_message(answer({rr(1, {192, 0, 2, 1}), rr(1, {192, 0, 2, 2}, 60)}));
  CAF_REQUIRE(read);
  CAF_CHECK_EQUAL(read->id, 7);
  CAF_CHECK(read->response && read->recursion_available);
  CAF_CHECK(!read->truncated && !read->authoritative);
  CAF_CHECK((*read->asked == question{"a.example.", 255, 1}));
  CAF_REQUIRE_EQUAL(read->answers.size(), 2u);
  CAF_CHECK_EQUAL(read->answers[0].text(), "a.example.\t300\tIN\tA\t192.0.2.1");
  CAF_CHECK_EQUAL(read->answers[1].ttl, 60u);
}

CAF_TEST(data of the types that are known) {
  const auto name = of(std::string_view{"\2ns\xC0\x0C", 5});
  CAF_CHECK_EQUAL(data_of(28, of(std::string_view{"\x20\1\xD\xB8\0\0\0\0\0\0\0\0\0\0\0\1", 16})),
                  "2001:db8::1");
  CAF_CHECK_EQUAL(data_of(2, name), "ns.a.example.");
  CAF_CHECK_EQUAL(data_of(5, name), "ns.a.example.");
  CAF_CHECK_EQUAL(data_of(12, of(std::string_view{"\0", 1})), ".");
  CAF_CHECK_EQUAL(data_of(15, u16(10) + name), "10 ns.a.example.");
  CAF_CHECK_EQUAL(data_of(16, of("\3a\"b\2 c")), "\"a\\\"b\" \" c\"");
  CAF_CHECK_EQUAL(data_of(33, u16(1) + u16(2) + u16(443) + name), "1 2 443 ns.a.example.");
  CAF_CHECK_EQUAL(data_of(257, of(std::string_view{"\0\5issueca.test", 14})),
                  "0 issue \"ca.test\"");
  CAF_CHECK_EQUAL(data_of(257, of(std::string_view{"\0\2\x1B[x", 5})), "0 \\027[ \"x\"");
  CAF_CHECK_EQUAL(data_of(65300, {0xAB, 1}), "\\# 2 ab01");
  CAF_CHECK_EQUAL(data_of(65280, {}), "\\# 0");
  const auto soa = name + name + u32(2026112801) + u32(1) + u32(2) + u32(3) + u32(4);
  CAF_CHECK_EQUAL(data_of(6, soa), "ns.a.example. ns.a.example. 2026112801 1 2 3 4");
  CAF_CHECK(read_message(answer({rr(6, soa)}))->answers[0].serial == 2026112801u);
}

CAF_TEST(what is malformed) {
  CAF_CHECK_EQUAL(data_of(1, {1, 2, 3}), "malformed");
  CAF_CHECK_EQUAL(data_of(1, {1, 2, 3, 4, 5}), "malformed");
  CAF_CHECK_EQUAL(data_of(16, {5, 'a'}), "malformed");
  CAF_CHECK_EQUAL(data_of(2, {0xC0, 0xFF}), "malformed");
  CAF_CHECK_EQUAL(data_of(2, {0x40, 'a', 0}), "malformed");
  // A name that points to itself: the record's data begins at 41.
  CAF_CHECK_EQUAL(data_of(2, {0xC0, 0x29}), "malformed");
  CAF_CHECK(!read_message({}));
  CAF_CHECK(!read_message(bytes(11)));
  const auto whole = answer({rr(1, {192, 0, 2, 1})});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAF_CHECK(!read_message(std::span{whole}.first(size)));
  }
}

CAF_TEST(a cut answer counts as far as it goes) {
  auto cut = answer({rr(1, {192, 0, 2, 1}), rr(1, {192, 0, 2, 2})}, 0x8380);
  cut.resize(cut.size() - 3);
  const auto read = read_message(cut);
  CAF_REQUIRE(read);
  CAF_CHECK(read->truncated);
  CAF_CHECK_EQUAL(read->answers.size(), 1u);
}

CAF_TEST(an answer that is cut in its question answers nothing) {
  const auto cut = answer({}, 0x8380);
  for (std::size_t size = header_size; size < cut.size(); ++size) {
    CAF_CHECK(!read_message({cut.data(), size}));
  }
  CAF_CHECK(read_message(cut));
}

CAF_TEST(an OPT record has the rest of the code) {
  auto with = answer({}, 0x8180);
  with[11] = 1; // one additional record
  with = with + bytes{0} + u16(41) + u16(1232) + bytes{1, 0, 0, 0} + u16(0);
  const auto read = read_message(with);
  CAF_REQUIRE(read);
  CAF_CHECK_EQUAL(read->rcode, 16);
  CAF_CHECK(read->additionals.empty());
}

CAF_TEST(no OPT record is one of a zone) {
  const auto opt = bytes{0} + u16(41) + u16(1232) + u32(0) + u16(0);
  auto with = answer({rr(1, {192, 0, 2, 1})}) + opt + rr(1, {192, 0, 2, 2}) + opt;
  with[11] = 3; // additional records
  const auto read = read_message(with);
  CAF_REQUIRE(read);
  CAF_REQUIRE_EQUAL(read->additionals.size(), 1u);
  CAF_CHECK(read->additionals[0].data == "192.0.2.2");
}

CAF_TEST(an answer has one question at most) {
  const auto asked = of(std::string_view{"\1a\7example\0", 11}) + u16(255) + u16(1);
  const auto with = [&](unsigned count, const bytes& questions) {
    return read_message(u16(7) + u16(0x8180) + u16(count) + u16(0) + u32(0) + questions);
  };
  CAF_CHECK(with(0, {}));
  CAF_CHECK(with(1, asked));
  CAF_CHECK(!with(2, asked + asked));
}

CAF_TEST(what answers a query has its id and its operation) {
  const auto answers = [](unsigned id, unsigned flags) {
    return answers_query(u16(id) + u16(flags) + bytes(8), 7);
  };
  CAF_CHECK(answers(7, 0x8180));
  CAF_CHECK(answers(7, 0x8783));
  CAF_CHECK(!answers(8, 0x8180));
  CAF_CHECK(!answers(7, 0x0180)); // a query
  CAF_CHECK(!answers(7, 0xA980)); // UPDATE
  CAF_CHECK(!answers_query(bytes(11), 0));
}

CAF_TEST(bytes of any kind do no harm) {
  std::mt19937 random{1};
  const auto small = answer({rr(1, {192, 0, 2, 1}), rr(16, of("\3abc"))});
  const auto large = pointing(4000, 0x8380);
  for (int i = 0; i < 20'000; ++i) {
    auto broken = i % 100 == 0 ? large : small;
    for (int j = 0; j < 3; ++j) {
      broken[random() % broken.size()] = static_cast<std::uint8_t>(random());
    }
    const auto read = read_message(broken);
    CAF_REQUIRE(!read || text_of(*read) <= max_text);
  }
}

CAF_TEST(names that point to one long name over and over are too much) {
  const auto some = read_message(pointing(1000));
  CAF_REQUIRE(some);
  CAF_CHECK(text_of(*some) > 1'000'000);
  CAF_CHECK(!read_message(pointing(4000)));
  const auto cut = read_message(pointing(4000, 0x8380));
  CAF_REQUIRE(cut);
  CAF_CHECK(text_of(*cut) <= max_text);
}

CAF_TEST(a name has no more pointers than it can have labels) {
  const auto read = [](std::size_t pointers) {
    // The data of the first record: each points to the one before, the first to the question.
    const auto data_at = answer({}).size() + rr(0, {}).size();
    bytes chain = u16(0xC00C);
    for (std::size_t i = 1; i < pointers; ++i) {
      chain = chain + u16(static_cast<unsigned>(0xC000 + data_at + 2 * (i - 1)));
    }
    const auto last = u16(static_cast<unsigned>(0xC000 + data_at + 2 * (pointers - 1)));
    const auto got = read_message(answer({rr(65280, chain), rr(2, last)}));
    return got ? got->answers.back().data : "malformed";
  };
  CAF_CHECK_EQUAL(read(1), "a.example.");
  CAF_CHECK_EQUAL(read(126), "a.example.");
  CAF_CHECK_EQUAL(read(127), "malformed");
}

CAF_TEST(whose answer it is stands in front) {
  const auto whole = answer({});
  CAF_CHECK(answers_query(whole, 7));
  CAF_CHECK(!answers_query(whole, 8));
  CAF_CHECK(!answers_query(answer({}, 0x0100), 7));
  CAF_CHECK(!answers_query(std::span{whole}.first(11), 7));
}

CAF_TEST(names are the same whatever their case) {
  CAF_CHECK(same_name("A.Example.", "a.eXAMPLE."));
  CAF_CHECK(!same_name("a.", "b."));
}

} // namespace message_suite
