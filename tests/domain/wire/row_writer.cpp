#define CAF_SUITE row_writer

#include "xprober/domain/wire/row_writer.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "xprober/domain/wire/batch_parser.hpp"

#include "support/samples.hpp"

#include "caf/test/dsl.hpp"

namespace row_writer_suite {

using namespace xprober;

namespace {

std::string body_of(std::uint32_t rows) {
  batch_encoder encoder{{"us", "10.1.1.1"}};
  for (std::uint32_t i = 0; i < rows; ++i) {
    auto outcome = samples::success();
    outcome.values.set(kinds::icmp_column::latency, static_cast<float>(i));
    encoder.add(*samples::result(samples::target(i, "10.0.0." + std::to_string(i)), outcome));
  }
  return encoder.finish_body();
}

struct read_row {
  std::uint32_t target = 0;
  std::int64_t unix_ms = 0;
  float latency = 0;

  bool operator==(const read_row&) const = default;
};

std::vector<read_row> read(const std::string& body, std::uint32_t rows) {
  batch_parser parser{body, rows};
  std::vector<read_row> all;
  batch_row row;
  while (parser.next(row) == batch_parser::step::row) {
    all.push_back(
        {row.target, row.unix_ms, row.values.number(kinds::icmp_column::latency).value_or(-1)});
  }
  CAF_CHECK_EQUAL(parser.problem(), "");
  CAF_CHECK_EQUAL(parser.unread(), 0u);
  return all;
}

/// The body again, without the rows of some targets and at other times.
std::string write(const std::string& body, std::uint32_t rows,
                  const std::vector<std::uint32_t>& without,
                  const std::vector<std::int64_t>& times) {
  batch_parser parser{body, rows};
  row_writer out{parser.names()};
  batch_row row;
  while (parser.next(row) == batch_parser::step::row) {
    if (std::ranges::find(without, row.target) == without.end()) {
      out.add(row.target, times.empty() ? row.unix_ms : times.at(row.target), parser.rest());
    }
  }
  CAF_CHECK_EQUAL(out.rows(), rows - without.size());
  CAF_CHECK(out.fits());
  return out.take_body();
}

} // namespace

CAF_TEST(what is written as it was is the same) {
  const auto body = body_of(20);
  CAF_CHECK(write(body, 20, {}, {}) == body);
}

CAF_TEST(rows are left out and the others stay) {
  const auto body = body_of(5);
  auto expected = read(body, 5);
  expected.erase(expected.begin() + 3);
  expected.erase(expected.begin());
  CAF_CHECK(read(write(body, 5, {0, 3}, {}), 3) == expected);
}

CAF_TEST(rows get other times) {
  constexpr auto most = std::numeric_limits<std::int64_t>::max() / 4;
  const std::vector<std::int64_t> times{5, most, -most, 0};
  const auto body = body_of(4);
  auto expected = read(body, 4);
  for (std::size_t i = 0; i < times.size(); ++i) {
    expected[i].unix_ms = times[i];
  }
  CAF_CHECK(read(write(body, 4, {}, times), 4) == expected);
}

} // namespace row_writer_suite
