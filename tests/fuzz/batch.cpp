// Batches: their header, body, dictionary and rows. The first byte says whether the rest is a whole
// batch or a body, which need not be compressed; the next two say how many rows a body is said to
// have.

#include <cmath>

#include "fuzz/support/fuzz.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/domain/wire/batch_parser.hpp"
#include "xprober/domain/wire/kind_codec.hpp"
#include "xprober/domain/wire/row_writer.hpp"
#include "xprober/domain/wire/series_check.hpp"

namespace xprober::fuzz_batch {

namespace {

using namespace fuzz;
using step = batch_parser::step;

void check_row(const batch_parser& batch, const batch_row& row) {
  require(row.target < batch.targets(), "a row names a target of the batch");
  const auto target = batch.target(row.target);
  require(target.kind != nullptr, "the kind of a row is known");
  require(target.address.size() <= max_batch_text, "an address is no longer than it may be");
  require(std::isfinite(row.duration_ms) && row.duration_ms >= 0, "a duration is a number");
  require(row.detail.size() <= max_batch_detail && is_clean_text(row.detail),
          "a sentence is clean text");
  std::vector<wire_value> values;
  append_wire_values(batch, row, values);
  for (const auto& value : values) {
    require(value.target_addr == target.address && !value.metric_name.empty(),
            "values are those of the row's target");
  }
}

void check_kinds(const batch_parser& batch) {
  for (std::uint32_t i = 0; i < batch.targets() && i < 20; ++i) {
    const auto kind = batch.kind_of(i);
    if (!kind) {
      continue;
    }
    const auto written = encode_kind(*kind);
    std::string problem;
    const auto again = decode_kind(written, problem);
    require(again != nullptr, problem);
    require(encode_kind(*again) == written, "a kind is the same after it was written and read");
  }
}

void check_judge(const batch_parser& batch) {
  batch_judge judge{batch};
  for (std::uint32_t i = 0; i < batch.targets() && i < 100; ++i) {
    if (judge.why_not(i).empty()) {
      const auto target = batch.target(i);
      require(is_clean_text(target.address) && target.address.size() <= max_address_bytes,
              "what is stored has an address that can be shown");
      require(is_clean_text(target.region) && is_region_name(batch.source_region()),
              "what is stored has regions that can be shown");
    }
  }
}

/// The good rows written anew are the same rows.
void check_rewritten(std::string_view body, std::uint32_t promised) {
  batch_parser first{body, promised};
  row_writer writer{first.names()};
  std::vector<batch_row> rows;
  batch_row row;
  for (auto got = first.next(row); got != step::end; got = first.next(row)) {
    if (got == step::row) {
      writer.add(row.target, row.unix_ms, first.rest());
      rows.push_back(row);
    }
  }
  if (rows.empty() || !writer.fits()) {
    return;
  }
  const auto count = writer.rows();
  require(count == rows.size(), "as many rows as were added");
  const auto written = writer.take_body();
  batch_header header;
  header.sequence = 1;
  header.rows = count;
  const auto packed = pack_batch(header, written);
  batch_header header_read;
  require(read_batch_header(packed, header_read).empty() && header_read == header,
          "a header is the same after it was written and read");
  std::string unpacked;
  require(read_batch_body(packed, unpacked).empty() && unpacked == written,
          "a body is the same after it was compressed");
  batch_parser second{unpacked, count};
  for (const auto& expected : rows) {
    const auto got = second.next(row);
    require(got == step::row, second.row_problem());
    require(row.target == expected.target && row.unix_ms == expected.unix_ms &&
                row.state == expected.state && row.shared == expected.shared &&
                row.error == expected.error && row.detail == expected.detail,
            "a row is the same after it was written and read");
  }
  require(second.next(row) == step::end, "no more rows than were written");
}

void check_body(std::string_view body, std::uint32_t promised) {
  batch_parser batch{body, promised};
  if (batch.problem().empty()) {
    check_kinds(batch);
    check_judge(batch);
  }
  std::uint64_t rows = 0;
  batch_row row;
  for (auto got = batch.next(row); got != step::end; got = batch.next(row)) {
    ++rows;
    require(rows <= promised, "no more rows than were promised");
    if (got == step::row) {
      check_row(batch, row);
    } else {
      require(!batch.row_problem().empty(), "a bad row has a reason");
    }
  }
  require(!batch.problem().empty() || rows == promised, "all rows were read, or there is a reason");
  require(rows + batch.unread() <= promised, "rows are counted once");
  check_rewritten(body, promised);
}

void check_whole(std::string_view bytes) {
  batch_header header;
  if (!read_batch_header(bytes, header).empty()) {
    return;
  }
  require(header.sequence >= 1 && header.sequence <= max_batch_sequence,
          "a sequence is in its range");
  std::string stamped{bytes};
  stamp_batch(stamped, 7);
  number_batch(stamped, header.instance, header.sequence);
  batch_header again;
  require(read_batch_header(stamped, again).empty() && again.sent_unix_ms == 7,
          "a batch can be stamped");
  std::string body;
  if (read_batch_body(bytes, body).empty()) {
    require(body.size() <= max_batch_body, "no longer than a body may be");
    check_body(body, header.rows);
  }
}

} // namespace

XPROBER_FUZZ(batch) {
  input in{bytes};
  if ((in.byte() & 1U) != 0) {
    check_whole(in.rest());
  } else {
    const auto rows = in.word();
    check_body(in.rest(), rows);
  }
}

} // namespace xprober::fuzz_batch
