#include "xprober/probes/http/decoder.hpp"

#include <algorithm>
#include <array>
#include <new>

#include <brotli/decode.h>
#include <zlib.h>

#include "xprober/domain/ascii.hpp"

namespace xprober::http {

namespace {

constexpr std::size_t piece_size = 16UL * 1024;

} // namespace

class content_decoder::stage {
public:
  /// Hands what was decoded on; false: stop.
  using next = std::function<bool(std::string_view)>;

  virtual ~stage() = default;
  /// False if the bytes are not of this coding. True also where `out` said stop.
  virtual bool feed(std::string_view bytes, const next& out) = 0;
  virtual bool complete() const = 0;
};

namespace {

/// gzip (RFC 1952), of which several can follow each other, and deflate: zlib's form (RFC 1950), or
/// what many servers send under that name, its bare content (RFC 1951).
class inflate_stage : public content_decoder::stage {
public:
  explicit inflate_stage(bool gzip) : gzip_(gzip) {}
  ~inflate_stage() override {
    if (begun_) {
      inflateEnd(&stream_);
    }
  }

  bool feed(std::string_view bytes, const next& out) override {
    if (bytes.empty()) {
      return true;
    }
    if (!begun_) {
      // RFC 1950, section 2.2: a header of zlib's names method 8; no bare content begins so but by
      // chance, for it would be a stored block of the wrong form.
      const bool zlib = (static_cast<unsigned char>(bytes[0]) & 0x0FU) == 8;
      begin(gzip_ ? 15 + 16 : zlib ? 15 : -15);
    }
    std::array<char, piece_size> decoded;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    for (;;) {
      if (ended_) {
        if (stream_.avail_in == 0) {
          return true;
        }
        if (!gzip_ || inflateReset(&stream_) != Z_OK) {
          return false;
        }
        ended_ = false;
      }
      stream_.next_out = reinterpret_cast<Bytef*>(decoded.data());
      stream_.avail_out = static_cast<uInt>(decoded.size());
      const int result = inflate(&stream_, Z_NO_FLUSH);
      const auto got = decoded.size() - stream_.avail_out;
      if (got > 0 && !out({decoded.data(), got})) {
        return true;
      }
      ended_ = result == Z_STREAM_END;
      if (result == Z_BUF_ERROR || (result == Z_OK && stream_.avail_out > 0)) {
        return true; // all is taken
      }
      if (result != Z_OK && !ended_) {
        return false;
      }
    }
  }

  bool complete() const override { return ended_; }

private:
  void begin(int window_bits) {
    if (inflateInit2(&stream_, window_bits) != Z_OK) {
      throw std::bad_alloc{};
    }
    begun_ = true;
  }

  bool gzip_;
  bool begun_ = false;
  bool ended_ = false;
  z_stream stream_{};
};

/// Brotli (RFC 7932).
class brotli_stage : public content_decoder::stage {
public:
  brotli_stage()
      : decoder_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr),
                 &BrotliDecoderDestroyInstance) {
    if (!decoder_) {
      throw std::bad_alloc{};
    }
  }

  bool feed(std::string_view bytes, const next& out) override {
    auto left = bytes.size();
    const auto* at = reinterpret_cast<const std::uint8_t*>(bytes.data());
    std::array<char, piece_size> decoded;
    for (;;) {
      if (BrotliDecoderIsFinished(decoder_.get()) == BROTLI_TRUE) {
        return left == 0;
      }
      auto room = decoded.size();
      auto* to = reinterpret_cast<std::uint8_t*>(decoded.data());
      const auto result =
          BrotliDecoderDecompressStream(decoder_.get(), &left, &at, &room, &to, nullptr);
      if (const auto got = decoded.size() - room; got > 0 && !out({decoded.data(), got})) {
        return true;
      }
      if (result == BROTLI_DECODER_RESULT_ERROR) {
        return false;
      }
      if (result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT) {
        return true;
      }
    }
  }

  bool complete() const override { return BrotliDecoderIsFinished(decoder_.get()) == BROTLI_TRUE; }

private:
  std::unique_ptr<BrotliDecoderState, decltype(&BrotliDecoderDestroyInstance)> decoder_;
};

std::unique_ptr<content_decoder::stage> make_stage(const std::string& coding) {
  if (coding == "gzip" || coding == "x-gzip") {
    return std::make_unique<inflate_stage>(true);
  }
  if (coding == "deflate") {
    return std::make_unique<inflate_stage>(false);
  }
  if (coding == "br") {
    return std::make_unique<brotli_stage>();
  }
  return nullptr;
}

} // namespace

content_decoder::made content_decoder::make(std::string_view codings, std::uint64_t limit) {
  made out;
  std::vector<std::unique_ptr<stage>> stages;
  // What was applied last is undone first.
  while (!codings.empty()) {
    const auto comma = codings.rfind(',');
    const auto from = comma == std::string_view::npos ? 0 : comma + 1;
    const auto coding = ascii::to_lower(ascii::trim(codings.substr(from)));
    codings = codings.substr(0, from == 0 ? 0 : comma);
    if (coding.empty() || coding == "identity") {
      continue;
    }
    auto next = make_stage(coding);
    if (!next) {
      out.unknown = coding.substr(0, 64);
      break;
    }
    if (stages.size() == max_codings) {
      out.too_many = true;
      return out;
    }
    stages.push_back(std::move(next));
  }
  if (!stages.empty()) {
    out.decoder.reset(new content_decoder{std::move(stages), limit});
  }
  return out;
}

content_decoder::content_decoder(std::vector<std::unique_ptr<stage>> stages, std::uint64_t limit)
    : stages_(std::move(stages)), yielded_(stages_.size(), 0), limit_(limit) {}

content_decoder::~content_decoder() = default;

content_decoder::state content_decoder::feed(std::string_view bytes, const sink& out) {
  got_some_ = got_some_ || !bytes.empty();
  return feed(0, bytes, out);
}

content_decoder::state content_decoder::feed(std::size_t first, std::string_view bytes,
                                             const sink& out) {
  if (first == stages_.size()) {
    out(bytes);
    return state::good;
  }
  auto result = state::good;
  const bool good = stages_[first]->feed(bytes, [&](std::string_view decoded) {
    yielded_[first] += decoded.size();
    result = yielded_[first] > limit_ ? state::too_large : feed(first + 1, decoded, out);
    return result == state::good;
  });
  return good ? result : state::corrupt;
}

content_decoder::state content_decoder::finish() const {
  // An empty body is empty in every coding: answers to HEAD, 204, servers that code nothing.
  const bool complete = !got_some_ || std::all_of(stages_.begin(), stages_.end(),
                                                  [](const auto& s) { return s->complete(); });
  return complete ? state::good : state::corrupt;
}

} // namespace xprober::http
