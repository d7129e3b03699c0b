#define CAF_SUITE batch_parser

#include "xprober/domain/wire/batch_parser.hpp"

#include <algorithm>
#include <limits>
#include <random>

#include "xprober/domain/wire/compress.hpp"

#include "support/samples.hpp"

#include "caf/test/dsl.hpp"

namespace batch_parser_suite {

using namespace xprober;

namespace {

const agent_identity me{"cn-south", "10.1.1.1"};

std::string body_of(int rows) {
  batch_encoder encoder{me};
  for (int i = 0; i < rows; ++i) {
    const bool web = i % 5 == 4;
    const auto target = samples::target(static_cast<target_index>(i), "10.0.0." + std::to_string(i),
                                        web ? kinds::http() : kinds::icmp());
    encoder.add(*samples::result(
        target, i % 3 == 2 ? samples::failure(probe_error::no_reply, "none") : samples::success()));
  }
  return encoder.finish_body();
}

struct outcome {
  std::string problem;
  std::size_t rows = 0;
  std::vector<std::string> bad;
  std::uint32_t unread = 0;
};

outcome read(std::string_view body, std::uint32_t rows) {
  batch_parser parser{body, rows};
  outcome out;
  batch_row row;
  std::vector<wire_value> values;
  for (auto step = parser.next(row); step != batch_parser::step::end; step = parser.next(row)) {
    if (step == batch_parser::step::row) {
      ++out.rows;
      append_wire_values(parser, row, values);
    } else {
      out.bad.push_back(parser.row_problem());
    }
  }
  out.problem = parser.problem();
  out.unread = parser.unread();
  return out;
}

/// A body whose rows are written by the test: a target of a kind with a phase and a count, and one
/// of a kind that cannot be used.
std::string body_with(const std::vector<std::string>& rows,
                      const std::string& sentence = "a sentence") {
  auto kind = kinds::http();
  kind.columns[2] = kind.columns[kinds::http_column::redirects];
  kind.columns.resize(3);
  auto unusable = kind;
  unusable.columns.clear();
  std::string body;
  byte_writer out{body};
  out.text("10.1.1.1");
  out.text("cn-south");
  out.varint(2);
  out.text(encode_kind(kind));
  out.text(encode_kind(unusable));
  out.varint(2);
  out.text("http");
  out.varint(0);
  out.text("other");
  out.varint(1);
  out.varint(1);
  out.text("none");
  out.varint(1);
  out.text("cn-north");
  out.varint(1);
  out.text(sentence);
  out.varint(2);
  for (const unsigned type : {0U, 1U}) {
    out.varint(type);
    out.varint(0);
    out.varint(type == 0 ? 0 : 3);
    out.text("10.0.0.1");
  }
  for (const auto& row : rows) {
    out.text(row);
  }
  return body;
}

/// Index and time as given, then a row of the first kind.
std::string plain_row(std::int64_t target, unsigned flags = 0, float phase = 1,
                      std::uint64_t mask = 6, std::uint64_t count = 3, float duration = 1) {
  std::string row;
  byte_writer out{row};
  out.signed_varint(target);
  out.signed_varint(1000);
  out.byte(flags);
  out.varint(0);
  if ((flags & 8U) != 0) {
    out.varint(flags >> 4U);
  }
  out.half(duration);
  out.varint(mask);
  out.float32(phase);
  out.varint(count);
  return row;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

} // namespace

CAF_TEST(names are told) {
  const auto body = body_of(10);
  batch_parser parser{body, 10};
  CAF_CHECK_EQUAL(parser.worker_name(), "10.1.1.1");
  CAF_CHECK_EQUAL(parser.source_region(), "cn-south");
  CAF_CHECK_EQUAL(parser.targets(), 10U);
  CAF_CHECK_EQUAL(parser.target(4).address, "10.0.0.4");
  CAF_CHECK_EQUAL(parser.target(4).type, "http");
  CAF_CHECK_EQUAL(parser.target(4).region, "cn-north");
}

CAF_TEST(a bad row is named and the others are kept) {
  const auto nan = std::numeric_limits<float>::quiet_NaN();
  const auto cut = plain_row(-1).substr(0, 6);
  const auto got =
      read(body_with({plain_row(0), plain_row(7), plain_row(-9), plain_row(-1, 3),
                      plain_row(-1, 0, nan), plain_row(-1, 0, 1, 7), plain_row(-1, 0, 1, 8),
                      plain_row(-1, 8 + 16), plain_row(-1, 0, 1, 6, std::uint64_t{1} << 40U), cut,
                      plain_row(0), plain_row(-2, 1 + 8)}),
           12);
  CAF_CHECK_EQUAL(got.problem, "");
  CAF_CHECK_EQUAL(got.rows, 3U);
  CAF_REQUIRE_EQUAL(got.bad.size(), 9U);
  CAF_CHECK(has(got.bad[0], "row 2") && has(got.bad[0], "target"));
  CAF_CHECK(has(got.bad[1], "row 4") && has(got.bad[1], "state"));
  CAF_CHECK(has(got.bad[2], "row 5") && has(got.bad[2], "finite"));
  CAF_CHECK(has(got.bad[3], "row 6") && has(got.bad[3], "columns"));
  CAF_CHECK(has(got.bad[4], "row 7") && has(got.bad[4], "columns"));
  CAF_CHECK(has(got.bad[5], "row 8") && has(got.bad[5], "sentence"));
  CAF_CHECK(has(got.bad[6], "row 9") && has(got.bad[6], "cut short"));
  CAF_CHECK(has(got.bad[7], "row 10") && has(got.bad[7], "cut short"));
  CAF_CHECK(has(got.bad[8], "row 11") && has(got.bad[8], "kind http: its first column"));
}

CAF_TEST(a duration is finite and not below 0) {
  const auto row = [](float duration) { return plain_row(-1, 0, 1, 6, 3, duration); };
  auto infinite = plain_row(-1);
  infinite[infinite.size() - 8] = '\x00'; // the half in front of the mask, the phase and the count
  infinite[infinite.size() - 7] = '\x7c';
  const auto got = read(body_with({plain_row(0), row(std::numeric_limits<float>::quiet_NaN()),
                                   infinite, row(-0.5F), row(0)}),
                        5);
  CAF_CHECK_EQUAL(got.problem, "");
  CAF_CHECK_EQUAL(got.rows, 2U);
  CAF_REQUIRE_EQUAL(got.bad.size(), 3U);
  for (const auto& why : got.bad) {
    CAF_CHECK(has(why, "its duration is not a finite number, or below 0"));
  }
}

CAF_TEST(a sentence is clean and no longer than it may be) {
  const auto told = [](const std::string& sentence) {
    const auto body = body_with({plain_row(0, 1 + 8)}, sentence);
    batch_parser parser{body, 1};
    batch_row row;
    return parser.next(row) == batch_parser::step::row ? std::string{row.detail} : parser.problem();
  };
  CAF_CHECK_EQUAL(told("closed"), "closed");
  CAF_CHECK_EQUAL(told("said \"\xFF\""), "(not clean)");
  CAF_CHECK_EQUAL(told("two\nlines"), "(not clean)");
  CAF_CHECK_EQUAL(told(std::string(max_batch_detail, 'x')), std::string(max_batch_detail, 'x'));
  CAF_CHECK(has(told(std::string(max_batch_detail + 1, 'x')), "sentences"));
}

CAF_TEST(no more rows are promised than the body has room for) {
  const auto body = body_with({plain_row(0), plain_row(-1)});
  const auto room = static_cast<std::uint32_t>(body.size() / least_row_bytes);
  CAF_CHECK_EQUAL(read(body, room).rows, 2U);
  for (const auto rows : {room + 1, std::numeric_limits<std::uint32_t>::max()}) {
    const auto got = read(body, rows);
    CAF_CHECK_EQUAL(got.rows, 0U);
    CAF_CHECK_EQUAL(got.unread, room);
    CAF_CHECK(has(got.problem, "too short for " + std::to_string(rows) + " rows"));
  }
}

CAF_TEST(a kind that cannot be used costs its own rows) {
  const auto body = body_with({plain_row(0), plain_row(0)});
  batch_parser parser{body, 2};
  CAF_CHECK_EQUAL(parser.problem(), "");
  CAF_CHECK(parser.target(0).kind != nullptr);
  CAF_CHECK(parser.target(1).kind == nullptr);
  batch_row row;
  CAF_CHECK(parser.next(row) == batch_parser::step::row);
  CAF_CHECK(parser.next(row) == batch_parser::step::bad_row);
}

CAF_TEST(where the framing breaks the rows before are kept and the others are counted) {
  auto body = body_with({plain_row(0), plain_row(-1)});
  auto got = read(body, 5);
  CAF_CHECK_EQUAL(got.rows, 2U);
  CAF_CHECK_EQUAL(got.unread, 3U);
  CAF_CHECK(has(got.problem, "row 3"));
  body += "\x7f";
  got = read(body, 5);
  CAF_CHECK_EQUAL(got.rows, 2U);
  CAF_CHECK_EQUAL(got.unread, 3U);
}

CAF_TEST(a row may be longer than this version knows) {
  const auto got = read(body_with({plain_row(0) + "later fields", plain_row(-1)}), 2);
  CAF_CHECK_EQUAL(got.rows, 2U);
}

CAF_TEST(numbers that run over are refused) {
  std::string row;
  byte_writer out{row};
  out.signed_varint(0);
  out.signed_varint(std::numeric_limits<std::int64_t>::max());
  const auto got = read(body_with({row, row}), 2);
  CAF_CHECK_EQUAL(got.rows, 0U);
  CAF_CHECK_EQUAL(got.bad.size(), 1U);
  CAF_CHECK(!got.problem.empty());
}

CAF_TEST(a dictionary that claims much costs little) {
  for (const std::uint64_t claimed : {std::uint64_t{1} << 20U, std::uint64_t{1} << 60U}) {
    std::string body;
    byte_writer out{body};
    out.text("w");
    out.text("r");
    for (int dictionary = 0; dictionary < 5; ++dictionary) {
      out.varint(0);
    }
    out.varint(claimed);
    CAF_CHECK(has(read(body, 1).problem, "targets"));
  }
  CAF_MESSAGE("a million empty texts");
  const std::pair<const char*, int> counts[]{
      {"kinds", 0}, {"types", 1}, {"errors", 2}, {"regions", 3}, {"sentences", 4}};
  for (const auto& [what, dictionary] : counts) {
    std::string body;
    byte_writer out{body};
    out.text("w");
    out.text("r");
    for (int before = 0; before < dictionary; ++before) {
      out.varint(0);
    }
    out.varint(1'000'000);
    body.resize(body.size() + 1'000'000);
    CAF_CHECK(has(read(body, 1).problem, "the number of " + std::string{what} + " is wrong"));
  }
  CAF_MESSAGE("addresses that repeat one long beginning");
  std::string body;
  byte_writer out{body};
  out.text("w");
  out.text("r");
  out.varint(1);
  out.text(encode_kind(kinds::icmp()));
  out.varint(1);
  out.text("icmp");
  out.varint(0);
  out.varint(0);
  out.varint(1);
  out.text("region");
  out.varint(0);
  out.varint(1'000'000);
  out.varint(0);
  out.varint(0);
  out.varint(0);
  out.text(std::string(max_batch_text, 'a'));
  for (int i = 1; i < 1'000'000; ++i) {
    out.varint(0);
    out.varint(0);
    out.varint(max_batch_text);
    out.text("");
  }
  CAF_CHECK(has(read(body, 1).problem, "together"));
}

CAF_TEST(no damage does harm) {
  const auto good = body_of(100);
  CAF_CHECK_EQUAL(read(good, 100).rows, 100U);
  for (std::size_t size = 0; size < good.size(); ++size) {
    const auto got = read(std::string_view{good}.substr(0, size), 100);
    CAF_CHECK(got.rows + got.bad.size() + got.unread ==
              std::min<std::size_t>(100, size / least_row_bytes));
    CAF_CHECK(!got.problem.empty());
  }
  std::mt19937 random{1};
  for (int round = 0; round < 20'000; ++round) {
    auto damaged = good;
    for (auto hits = 1 + random() % 4; hits > 0; --hits) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    const auto got = read(damaged, 100);
    CAF_CHECK(got.rows + got.bad.size() + got.unread == 100);
  }
}

CAF_TEST(headers that are none are refused) {
  batch_encoder encoder{me};
  const auto good = encoder.finish({}, 1, 0);
  batch_header header;
  CAF_CHECK_EQUAL(read_batch_header(good, header), "");
  CAF_CHECK(!read_batch_header(good.substr(0, batch_header_bytes - 1), header).empty());
  CAF_CHECK(!read_batch_header("", header).empty());
  CAF_CHECK(!read_batch_header(std::string(100, 'x'), header).empty());
  CAF_CHECK(!read_batch_header(encoder.finish({}, 0, 0), header).empty());
  CAF_CHECK(!read_batch_header(encoder.finish({}, std::uint64_t{1} << 63U, 0), header).empty());
  CAF_CHECK(has(read_batch_header(encoder.finish({}, max_batch_sequence + 1, 0), header), "2^53"));
  CAF_CHECK_EQUAL(read_batch_header(encoder.finish({}, max_batch_sequence, 0), header), "");
  CAF_CHECK_EQUAL(read_batch_header(good + std::string(max_batch_bytes - good.size(), 'x'), header),
                  "");
  CAF_CHECK(!read_batch_header(good + std::string(max_batch_bytes, 'x'), header).empty());
  for (const char other : {1, 3}) {
    auto batch = good;
    batch[4] = other;
    CAF_CHECK(has(read_batch_header(batch, header), "only version 2"));
  }
  std::string body;
  CAF_CHECK(!read_batch_body(good.substr(0, good.size() - 1), body).empty());
}

} // namespace batch_parser_suite
