#include "xprober/domain/history/histogram_message.hpp"

#include <bit>

#include <protozero/pbf_writer.hpp>

namespace xprober {

namespace {

using pbf_tag = protozero::pbf_tag_type;

/// The numbers of a message's fields.
struct histogram_fields {
  pbf_tag count = 0;
  pbf_tag sum = 0;
  pbf_tag schema = 0;
  pbf_tag zero_threshold = 0;
  pbf_tag zero_count = 0;
  pbf_tag span = 0;
  pbf_tag delta = 0;
};

constexpr histogram_fields remote_write_fields{1, 3, 4, 5, 6, 11, 12};
constexpr pbf_tag remote_write_reset_hint = 14;
constexpr pbf_tag remote_write_timestamp = 15;
constexpr std::int32_t reset_yes = 1; ///< of Histogram.ResetHint
constexpr histogram_fields exposed_fields{1, 2, 5, 6, 7, 12, 13};
constexpr pbf_tag exposed_created = 15;

// Of google.protobuf.Timestamp.
constexpr pbf_tag timestamp_seconds = 1;
constexpr pbf_tag timestamp_nanos = 2;

constexpr std::uint64_t stale_nan_bits = 0x7ff0000000000002;

constexpr pbf_tag span_offset = 1;
constexpr pbf_tag span_length = 2;

void append_histogram(protozero::pbf_writer& out, const native_histogram& of,
                      const histogram_fields& fields) {
  out.add_uint64(fields.count, of.count());
  out.add_double(fields.sum, of.sum());
  out.add_sint32(fields.schema, of.schema());
  out.add_double(fields.zero_threshold, native_histogram::zero_threshold);
  out.add_uint64(fields.zero_count, of.zeros());
  const auto buckets = of.buckets();
  for (const auto& span : buckets.spans) {
    protozero::pbf_writer one{out, fields.span};
    one.add_sint32(span_offset, span.offset);
    one.add_uint32(span_length, span.length);
  }
  out.add_packed_sint64(fields.delta, buckets.deltas.begin(), buckets.deltas.end());
}

} // namespace

std::string remote_write_histogram(const native_histogram& of, std::int64_t unix_ms, bool reset) {
  std::string message;
  protozero::pbf_writer out{message};
  append_histogram(out, of, remote_write_fields);
  if (reset) {
    out.add_enum(remote_write_reset_hint, reset_yes);
  }
  out.add_int64(remote_write_timestamp, unix_ms);
  return message;
}

std::string remote_write_stale_histogram(std::int64_t unix_ms) {
  std::string message;
  protozero::pbf_writer out{message};
  out.add_uint64(remote_write_fields.count, 0);
  out.add_double(remote_write_fields.sum, std::bit_cast<double>(stale_nan_bits));
  out.add_int64(remote_write_timestamp, unix_ms);
  return message;
}

std::string exposed_histogram(const native_histogram& of, std::int64_t created_unix_ms) {
  constexpr std::int64_t ms_of_second = 1000;
  constexpr std::int64_t ns_of_ms = 1'000'000;
  std::string message;
  protozero::pbf_writer out{message};
  append_histogram(out, of, exposed_fields);
  if (created_unix_ms > 0) {
    protozero::pbf_writer created{out, exposed_created};
    created.add_int64(timestamp_seconds, created_unix_ms / ms_of_second);
    created.add_int32(timestamp_nanos,
                      static_cast<std::int32_t>(created_unix_ms % ms_of_second * ns_of_ms));
  }
  return message;
}

} // namespace xprober
