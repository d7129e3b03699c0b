#define CAF_SUITE histogram_message

#include "xprober/domain/history/histogram_message.hpp"

#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include <protozero/pbf_reader.hpp>

#include "caf/test/unit_test.hpp"

namespace histogram_message_suite {

using namespace xprober;

namespace {

/// What the reader of a message finds; fields by their number in it.
struct found {
  std::uint64_t count = 0;
  double sum = 0;
  std::int32_t schema = 0;
  double zero_threshold = 0;
  std::uint64_t zeros = 0;
  native_histogram::bucket_list buckets;
  std::int64_t unix_ms = 0;
};

struct numbers {
  protozero::pbf_tag_type count, sum, schema, zero_threshold, zeros, span, delta, unix_ms;
};

void read_span(protozero::pbf_reader in, native_histogram::span& out) {
  while (in.next()) {
    switch (in.tag()) {
    case 1: out.offset = in.get_sint32(); break;
    case 2: out.length = in.get_uint32(); break;
    default: in.skip();
    }
  }
}

found read(const std::string& message, const numbers& of) {
  found out;
  protozero::pbf_reader in{message};
  while (in.next()) {
    const auto tag = in.tag();
    if (tag == of.count) {
      out.count = in.get_uint64();
    } else if (tag == of.sum) {
      out.sum = in.get_double();
    } else if (tag == of.schema) {
      out.schema = in.get_sint32();
    } else if (tag == of.zero_threshold) {
      out.zero_threshold = in.get_double();
    } else if (tag == of.zeros) {
      out.zeros = in.get_uint64();
    } else if (tag == of.span) {
      read_span(in.get_message(), out.buckets.spans.emplace_back());
    } else if (tag == of.delta) {
      const auto range = in.get_packed_sint64();
      out.buckets.deltas.assign(range.begin(), range.end());
    } else if (tag == of.unix_ms) {
      out.unix_ms = in.get_int64();
    } else {
      CAF_CHECK_EQUAL(tag, 0u); // there is no other
      in.skip();
    }
  }
  return out;
}

native_histogram sample() {
  native_histogram made;
  for (const auto value : {0.0, 0.25, 1.0, 1.0, 1.02, 1.06, 2.0}) {
    made.observe(value);
  }
  return made;
}

void check(const found& got) {
  const auto expected = sample();
  CAF_CHECK_EQUAL(got.count, 7u);
  CAF_CHECK(got.sum == expected.sum());
  CAF_CHECK_EQUAL(got.schema, 5);
  CAF_CHECK(got.zero_threshold == native_histogram::zero_threshold);
  CAF_CHECK_EQUAL(got.zeros, 1u);
  CAF_CHECK_EQUAL(got.buckets.spans.size(), 3u);
  CAF_CHECK(got.buckets == expected.buckets());
}

} // namespace

CAF_TEST(remote write has what is in a histogram) {
  const auto got =
      read(remote_write_histogram(sample(), 1'767'268'800'123), {1, 3, 4, 5, 6, 11, 12, 15});
  check(got);
  CAF_CHECK_EQUAL(got.unix_ms, 1'767'268'800'123);
}

CAF_TEST(the exposition has the same under other numbers) {
  check(read(exposed_histogram(sample()), {1, 2, 5, 6, 7, 12, 13, 1000}));
}

CAF_TEST(an empty histogram has its schema and its threshold) {
  const auto got = read(exposed_histogram({}), {1, 2, 5, 6, 7, 12, 13, 1000});
  CAF_CHECK_EQUAL(got.count, 0u);
  CAF_CHECK_EQUAL(got.schema, 5);
  CAF_CHECK_GREATER(got.zero_threshold, 0.0);
  CAF_CHECK(got.buckets == native_histogram::bucket_list{});
}

CAF_TEST(when a histogram began is told to the nanosecond) {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;
  const auto message = exposed_histogram(sample(), 1'767'268'800'123);
  protozero::pbf_reader in{message};
  CAF_REQUIRE(in.next(15));
  auto created = in.get_message();
  CAF_REQUIRE(created.next(1));
  seconds = created.get_int64();
  CAF_REQUIRE(created.next(2));
  nanos = created.get_int32();
  CAF_CHECK_EQUAL(seconds, 1'767'268'800);
  CAF_CHECK_EQUAL(nanos, 123'000'000);
}

CAF_TEST(a reset is told where there was one) {
  const auto with = remote_write_histogram(sample(), 1, true);
  protozero::pbf_reader in{with};
  CAF_REQUIRE(in.next(14));
  CAF_CHECK_EQUAL(in.get_enum(), 1);
  const auto without = remote_write_histogram(sample(), 1);
  protozero::pbf_reader none{without};
  CAF_CHECK(!none.next(14));
}

CAF_TEST(the end of a series has a sum that is no number) {
  const auto got = read(remote_write_stale_histogram(77), {1, 3, 4, 5, 6, 11, 12, 15});
  CAF_CHECK_EQUAL(std::bit_cast<std::uint64_t>(got.sum), 0x7ff0000000000002U);
  CAF_CHECK_EQUAL(got.count, 0u);
  CAF_CHECK_EQUAL(got.unix_ms, 77);
}

} // namespace histogram_message_suite
