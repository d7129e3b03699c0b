#define CAF_SUITE batch_parser

#include "xprober/domain/wire/batch_parser.hpp"

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
                                        web ? probe_type::http : probe_type::icmp);
    encoder.add(*samples::result(target, i % 3 == 2 ? samples::failure(probe_error::no_reply)
                                                    : samples::success()));
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

/// A body whose rows are written by the test: one target of each form.
std::string body_with(const std::vector<std::string>& rows) {
  std::string body;
  byte_writer out{body};
  out.text("10.1.1.1");
  out.text("cn-south");
  out.varint(2);
  out.text("icmp");
  out.byte(0);
  out.text("http");
  out.byte(1);
  out.varint(1);
  out.text("none");
  out.varint(1);
  out.text("cn-north");
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

/// Index and time as given, then an icmp row that was not answered.
std::string plain_row(std::int64_t target, unsigned sent = 3, unsigned received = 0,
                      unsigned flags = 2) {
  std::string row;
  byte_writer out{row};
  out.signed_varint(target);
  out.signed_varint(1000);
  out.byte(flags);
  out.varint(0);
  out.half(1);
  out.varint(sent);
  out.varint(received);
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
  const auto got = read(body_with({plain_row(0), plain_row(7), plain_row(-9), plain_row(-1, 1, 2),
                                   plain_row(-1, 3, 3, 3), plain_row(-1)}),
                        6);
  CAF_CHECK_EQUAL(got.problem, "");
  CAF_CHECK_EQUAL(got.rows, 3U);
  CAF_REQUIRE_EQUAL(got.bad.size(), 3U);
  CAF_CHECK(has(got.bad[0], "row 2") && has(got.bad[0], "target"));
  CAF_CHECK(has(got.bad[1], "row 4") && has(got.bad[1], "answered"));
  CAF_CHECK(has(got.bad[2], "row 5") && has(got.bad[2], "cut short"));
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
    out.varint(0);
    out.varint(0);
    out.varint(0);
    out.varint(claimed);
    CAF_CHECK(has(read(body, 1).problem, "targets"));
  }
  CAF_MESSAGE("addresses that repeat one long beginning");
  std::string body;
  byte_writer out{body};
  out.text("w");
  out.text("r");
  out.varint(1);
  out.text("icmp");
  out.byte(0);
  out.varint(0);
  out.varint(1);
  out.text("region");
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
    CAF_CHECK(got.rows + got.bad.size() + got.unread == 100);
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
  auto newer = good;
  newer[4] = 2;
  CAF_CHECK(has(read_batch_header(newer, header), "version 2"));
  std::string body;
  CAF_CHECK(!read_batch_body(good.substr(0, good.size() - 1), body).empty());
}

} // namespace batch_parser_suite
