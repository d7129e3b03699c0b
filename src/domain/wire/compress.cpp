#include "xprober/domain/wire/compress.hpp"

#include <memory>
#include <stdexcept>

#include <zstd.h>

namespace xprober {

namespace {

/// The fastest of the usual levels: batches are rows of numbers, and higher ones gain a few
/// percent.
constexpr int level = 1;

/// Of what is unpacked piece by piece, as a power of two: 8 MiB, which the longest body takes.
constexpr int widest_window = 23;

struct context_free {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

} // namespace

void compress(std::string_view bytes, std::string& out) {
  const std::unique_ptr<ZSTD_CCtx, context_free> context{ZSTD_createCCtx()};
  if (!context) {
    throw std::bad_alloc();
  }
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  const auto before = out.size();
  out.resize(before + ZSTD_compressBound(bytes.size()));
  const auto size = ZSTD_compress2(context.get(), out.data() + before, out.size() - before,
                                   bytes.data(), bytes.size());
  if (ZSTD_isError(size) != 0) {
    throw std::runtime_error(std::string{"compression failed: "} + ZSTD_getErrorName(size));
  }
  out.resize(before + size);
}

std::optional<std::uint64_t> stated_size(std::string_view frame) noexcept {
  const auto size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  return size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN
             ? std::nullopt
             : std::optional<std::uint64_t>{size};
}

std::string decompress_front(std::string_view frame, std::size_t most) {
  const std::unique_ptr<ZSTD_DCtx, context_free> context{ZSTD_createDCtx()};
  if (!context) {
    throw std::bad_alloc();
  }
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, widest_window);
  std::string front(most, '\0');
  ZSTD_outBuffer out{front.data(), front.size(), 0};
  ZSTD_inBuffer in{frame.data(), frame.size(), 0};
  bool goes_on = true;
  while (goes_on && out.pos < out.size) {
    const auto before = in.pos + out.pos;
    const auto left = ZSTD_decompressStream(context.get(), &out, &in);
    goes_on = ZSTD_isError(left) == 0 && left != 0 && in.pos + out.pos > before;
  }
  front.resize(out.pos);
  return front;
}

std::string decompress(std::string_view frame, std::size_t most, std::string& out) {
  out.clear();
  const auto stated = stated_size(frame);
  if (!stated) {
    return "no Zstandard frame with a size";
  }
  const auto size = *stated;
  if (size > most) {
    return "it states " + std::to_string(size) + " bytes, allowed are " + std::to_string(most);
  }
  const auto length = ZSTD_findFrameCompressedSize(frame.data(), frame.size());
  if (ZSTD_isError(length) != 0) {
    return ZSTD_getErrorName(length);
  }
  if (length != frame.size()) {
    return std::to_string(frame.size() - length) + " bytes follow the frame";
  }
  out.resize(static_cast<std::size_t>(size));
  const auto got = ZSTD_decompress(out.data(), out.size(), frame.data(), frame.size());
  if (ZSTD_isError(got) != 0 || got != size) {
    out.clear();
    return ZSTD_isError(got) != 0 ? ZSTD_getErrorName(got) : "it ends too early";
  }
  return {};
}

} // namespace xprober
