#include "xprober/storage/log_problem.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <vector>

namespace xprober::storage {

namespace {

constexpr std::size_t log_header_bytes = 32;
constexpr std::size_t frame_header_bytes = 24;
constexpr std::uint32_t magic = 0x377f'0682; ///< the last bit: the checksums' words are big-endian

std::uint32_t big_endian(const char* at) {
  std::uint32_t number = 0;
  for (int i = 0; i < 4; ++i) {
    number = number << 8U | static_cast<unsigned char>(at[i]);
  }
  return number;
}

/// The sum over all that came before.
struct running_sum {
  std::uint32_t first = 0;
  std::uint32_t second = 0;

  bool operator==(const running_sum&) const = default;
};

running_sum sum_at(const char* bytes) { return {big_endian(bytes), big_endian(bytes + 4)}; }

class log_reader {
public:
  explicit log_reader(const std::string& path) : file_(path, std::ios::binary) {}

  std::string problem() {
    std::vector<char> header(log_header_bytes);
    if (!file_.read(header.data(), log_header_bytes)) {
      return {};
    }
    const auto mark = big_endian(header.data());
    page_bytes_ = big_endian(header.data() + 8);
    big_endian_words_ = (mark & 1U) != 0;
    salts_ = sum_at(header.data() + 16);
    const bool sane = (mark & ~1U) == magic && std::has_single_bit(page_bytes_) &&
                      page_bytes_ >= 512 && page_bytes_ <= 65536;
    const auto sum = sane ? add({}, header.data(), 24) : running_sum{};
    if (!sane || sum != sum_at(header.data() + 24)) {
      return "the log's header is damaged";
    }
    return frames_problem(sum);
  }

private:
  std::string frames_problem(running_sum sum) {
    std::vector<char> frame(frame_header_bytes + page_bytes_);
    bool ended = false;
    bool follows = false; // its sum goes on from the one of the frame before it
    while (file_.read(frame.data(), static_cast<std::streamsize>(frame.size()))) {
      const bool current = sum_at(frame.data() + 8) == salts_;
      const auto stored = sum_at(frame.data() + 16);
      sum = add(add(sum, frame.data(), 8), frame.data() + frame_header_bytes, page_bytes_);
      follows = current && sum == stored;
      const bool commit = big_endian(frame.data() + 4) != 0;
      // What was rolled back may stand behind the end, too, but no commit of it.
      if (ended && follows && commit) {
        return "the log is damaged in its midst";
      }
      ended = ended || !follows;
      sum = stored;
    }
    return {};
  }

  running_sum add(running_sum sum, const char* bytes, std::size_t size) const {
    for (std::size_t i = 0; i < size; i += 8) {
      sum.first += word(bytes + i) + sum.second;
      sum.second += word(bytes + i + 4) + sum.first;
    }
    return sum;
  }

  std::uint32_t word(const char* at) const {
    const auto number = big_endian(at);
    return big_endian_words_ ? number : __builtin_bswap32(number);
  }

  std::ifstream file_;
  std::uint32_t page_bytes_ = 0;
  bool big_endian_words_ = false;
  running_sum salts_;
};

} // namespace

std::string log_problem(const std::string& path) { return log_reader{path + "-wal"}.problem(); }

} // namespace xprober::storage
