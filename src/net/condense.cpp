#include "xprober/net/condense.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <new>
#include <optional>
#include <utility>

#include <zlib.h>

#include "xprober/domain/ascii.hpp"
#include "xprober/domain/string_hash.hpp"
#include "xprober/net/header_list.hpp"

namespace xprober::net {

namespace {

constexpr std::size_t condense_step = 64UL * 1024;

/// What gzip makes smaller.
bool is_compressible(const http_response& answer) {
  const auto field = answer[http::field::content_type];
  const std::string_view type{field.data(), field.size()};
  return type.starts_with("text/") || type.starts_with("application/json") ||
         type.starts_with("application/vnd.google.protobuf");
}

/// Adds to what the answer depends on, which whoever made it may have begun to say.
void vary_by_encoding(http_response& answer) {
  const auto field = answer[http::field::vary];
  std::string varies{field.data(), field.size()};
  varies += varies.empty() ? "Accept-Encoding" : ", Accept-Encoding";
  answer.set(http::field::vary, varies);
}

bool can_condense(const condense_terms& terms, const http_response& answer) {
  return terms.reads && answer.result() == http::status::ok && !answer.next_chunk &&
         is_compressible(answer) && answer.count(http::field::content_encoding) == 0;
}

std::string condensed(const std::string& body) {
  gzip_writer writer;
  std::string out;
  for (std::size_t at = 0; at < body.size(); at += condense_step) {
    writer.add(std::string_view{body}.substr(at, condense_step), out);
  }
  writer.finish(out);
  return out;
}

/// Whether one of the names that a coding has is let, and not liked less than none.
bool accepts(std::string_view accept_encoding, std::initializer_list<std::string_view> names) {
  std::optional<double> wanted;
  std::optional<double> any;
  std::optional<double> none;
  while (!accept_encoding.empty()) {
    auto item = cut_part(accept_encoding, ',');
    const auto coding = cut_part(item, ';');
    const auto weight = weight_of(item);
    if (std::ranges::any_of(names, [&](auto name) { return ascii::same(coding, name); })) {
      wanted = std::max(wanted.value_or(0), weight);
    } else if (coding == "*") {
      any = weight;
    } else if (ascii::same(coding, "identity")) {
      none = weight;
    }
  }
  const auto weight = wanted ? *wanted : any.value_or(0);
  return weight > 0 && weight >= none.value_or(0);
}

} // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  return accepts(accept_encoding, {"gzip", "x-gzip"});
}

bool accepts_brotli(std::string_view accept_encoding) { return accepts(accept_encoding, {"br"}); }

std::string entity_tag(std::string_view body) {
  std::array<char, 24> text{};
  const auto length = std::snprintf(text.data(), text.size(), "W/\"%016llx\"",
                                    static_cast<unsigned long long>(hash_bytes(body)));
  return {text.data(), static_cast<std::size_t>(length)};
}

bool names_tag(std::string_view if_none_match, std::string_view tag) {
  const auto opaque = [](std::string_view named) {
    return named.starts_with("W/") ? named.substr(2) : named;
  };
  while (!if_none_match.empty()) {
    const auto named = cut_part(if_none_match, ',');
    if (named == "*" || (!named.empty() && opaque(named) == opaque(tag))) {
      return true;
    }
  }
  return false;
}

struct gzip_writer::impl {
  z_stream stream{};

  void put(std::string_view piece, int flush, std::string& out) {
    std::array<char, 16UL * 1024> packed;
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
    stream.avail_in = static_cast<uInt>(piece.size());
    do {
      stream.next_out = reinterpret_cast<Bytef*>(packed.data());
      stream.avail_out = static_cast<uInt>(packed.size());
      // Of a stream that was begun only a lack of room is an error, and here is none.
      deflate(&stream, flush);
      out.append(packed.data(), packed.size() - stream.avail_out);
    } while (stream.avail_out == 0);
  }
};

gzip_writer::gzip_writer() : impl_(std::make_unique<impl>()) {
  // The largest window, and 16 for the form of gzip; 8 is zlib's own choice of memory.
  if (deflateInit2(&impl_->stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc{};
  }
}

gzip_writer::~gzip_writer() { deflateEnd(&impl_->stream); }

void gzip_writer::add(std::string_view piece, std::string& out) {
  impl_->put(piece, Z_NO_FLUSH, out);
}

void gzip_writer::finish(std::string& out) { impl_->put({}, Z_FINISH, out); }

condense_terms condense_terms_of(const http_request& request) {
  condense_terms terms;
  terms.reads = request.method() == http::verb::get || request.method() == http::verb::head;
  terms.known = all_lines(request, http::field::if_none_match);
  terms.codings = all_lines(request, http::field::accept_encoding);
  return terms;
}

http_response condense(const condense_terms& terms, http_response answer) {
  if (!can_condense(terms, answer)) {
    return answer;
  }
  const auto tag = entity_tag(answer.body());
  answer.set(http::field::etag, tag);
  vary_by_encoding(answer);
  if (names_tag(terms.known, tag)) {
    answer.result(http::status::not_modified);
    answer.erase(http::field::content_type);
    answer.body().clear();
    return answer;
  }
  if (answer.body().size() >= smallest_condensed && accepts_gzip(terms.codings)) {
    answer.body() = condensed(answer.body());
    answer.set(http::field::content_encoding, "gzip");
  }
  return answer;
}

} // namespace xprober::net
