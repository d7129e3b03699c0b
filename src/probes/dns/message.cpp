#include "xprober/probes/dns/message.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

#include <boost/asio/ip/address.hpp>

#include "xprober/domain/ascii.hpp"
#include "xprober/domain/base64.hpp"
#include "xprober/domain/dns_names.hpp"
#include "xprober/domain/hex.hpp"

namespace xprober::dns_query {

namespace {

// Of one name: labels are at most 127, and one pointer leads from each to the next.
constexpr unsigned max_pointers = 127;
constexpr std::uint16_t type_opt = 41;
constexpr std::string_view special_in_names = ".\\\"();@$";

enum type_number : std::uint16_t {
  a = 1,
  soa = 6,
  aaaa = 28,
  caa = 257,
};

/// How zone files write the data of a type, a letter for each part: '1', '2', '4' a number of so
/// many bytes, 'n' a name, 's' a text, 't' a type, 'd' a date; of what is left 'T' texts, 'x' and
/// 'X' hexadecimal digits, 'b' base 64. Empty: it is not known here.
std::string_view parts_of(std::uint16_t type) noexcept {
  switch (type) {
  case 2: // NS, CNAME, PTR, DNAME
  case 5:
  case 12:
  case 39: return "n";
  case 13: return "ss"; // HINFO
  case 15:              // MX, AFSDB
  case 18: return "2n";
  case 16: return "T";      // TXT
  case 17: return "nn";     // RP
  case 33: return "222n";   // SRV, RFC 2782
  case 35: return "22sssn"; // NAPTR, RFC 3403
  case 43:                  // DS, CDS, RFC 4034 and 7344
  case 59: return "211X";
  case 44: return "11X";       // SSHFP, RFC 4255
  case 46: return "t114dd2nb"; // RRSIG, RFC 4034
  case 48:                     // DNSKEY, CDNSKEY
  case 60: return "211b";
  case 52: return "111x"; // TLSA, RFC 6698
  default: return {};
  }
}

/// A byte of a name or a text as zone files write it (RFC 1035, section 5.1).
void append_byte(std::string& out, std::uint8_t byte, std::string_view special) {
  const auto c = static_cast<char>(byte);
  if (byte < 0x21 || byte > 0x7E) {
    if (c == ' ' && special.find('.') == std::string_view::npos) {
      out += c; // inside quotes
      return;
    }
    out += '\\';
    out += static_cast<char>('0' + byte / 100);
    out += static_cast<char>('0' + byte / 10 % 10);
    out += static_cast<char>('0' + byte % 10);
    return;
  }
  if (special.find(c) != std::string_view::npos) {
    out += '\\';
  }
  out += c;
}

/// Reads numbers and names from one message; after a failure everything is nothing.
class reader {
public:
  explicit reader(std::span<const std::uint8_t> bytes) : bytes_(bytes), end_(bytes.size()) {}

  bool good() const noexcept { return good_; }
  std::size_t left() const noexcept { return good_ ? end_ - at_ : 0; }

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return number(4); }

  std::span<const std::uint8_t> take(std::size_t count) {
    if (!good_ || end_ - at_ < count) {
      good_ = false;
      return {};
    }
    at_ += count;
    return bytes_.subspan(at_ - count, count);
  }

  /// A name, which may point to what stands before it.
  std::string name() {
    std::string out;
    std::size_t length = 0;
    std::size_t at = at_;
    std::size_t before = at_; // pointers lead to ever earlier places: so this ends
    unsigned jumps = 0;
    while (good_) {
      if (at >= (jumps > 0 ? bytes_.size() : end_)) {
        break;
      }
      const std::uint8_t size = bytes_[at++];
      if ((size & 0xC0U) == 0xC0U) {
        if (at >= bytes_.size()) {
          break;
        }
        const std::size_t to = static_cast<std::size_t>(size & 0x3FU) << 8U | bytes_[at++];
        at_ = jumps == 0 ? at : at_;
        if (to >= before || ++jumps > max_pointers) {
          break;
        }
        at = before = to;
        continue;
      }
      length += std::size_t{size} + 1;
      if (size > max_label || length > max_name) {
        break;
      }
      if (size == 0) {
        at_ = jumps > 0 ? at_ : at;
        return out.empty() ? "." : out;
      }
      if (bytes_.size() - at < size) {
        break;
      }
      for (const auto byte : bytes_.subspan(at, size)) {
        append_byte(out, byte, special_in_names);
      }
      out += '.';
      at += size;
    }
    good_ = false;
    return {};
  }

  /// Notes how much text was made of the message; false where that is too much.
  bool made(std::size_t text) {
    text_ += text;
    good_ = good_ && text_ <= max_text;
    return good_;
  }

  /// What comes is at most so many bytes, which names may lead out of. Ends with `leave`.
  std::size_t enter(std::size_t count) {
    if (!good_ || end_ - at_ < count) {
      good_ = false;
      return end_;
    }
    return std::exchange(end_, at_ + count);
  }
  /// True if all of them were read.
  bool leave(std::size_t outer) {
    const bool whole = good_ && at_ == end_;
    end_ = outer;
    good_ = whole;
    return whole;
  }

private:
  std::uint32_t number(std::size_t count) {
    std::uint32_t value = 0;
    for (const auto byte : take(count)) {
      value = value << 8U | byte;
    }
    return value;
  }

  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
  std::size_t end_;
  std::size_t text_ = 0;
  bool good_ = true;
};

std::string quoted(std::span<const std::uint8_t> bytes) {
  std::string out = "\"";
  for (const auto byte : bytes) {
    append_byte(out, byte, "\"\\");
  }
  return out + '"';
}

std::string texts(reader& in) {
  std::string out;
  while (in.good() && in.left() > 0) {
    out += (out.empty() ? "" : " ") + quoted(in.take(in.u8()));
  }
  return out;
}

std::string ip_text(reader& in, bool v6) {
  if (v6) {
    boost::asio::ip::address_v6::bytes_type bytes{};
    std::ranges::copy(in.take(bytes.size()), bytes.begin());
    return boost::asio::ip::address_v6{bytes}.to_string();
  }
  boost::asio::ip::address_v4::bytes_type bytes{};
  std::ranges::copy(in.take(bytes.size()), bytes.begin());
  return boost::asio::ip::address_v4{bytes}.to_string();
}

std::string soa_text(reader& in, record& out) {
  auto text = in.name();
  text += " " + in.name();
  out.serial = in.u32();
  text += " " + std::to_string(out.serial);
  for (int i = 0; i < 4; ++i) {
    text += " " + std::to_string(in.u32());
  }
  return text;
}

std::string caa_text(reader& in) {
  auto text = std::to_string(in.u8()) + " ";
  for (const auto byte : in.take(in.u8())) {
    append_byte(text, byte, special_in_names);
  }
  return text + " " + quoted(in.take(in.left()));
}

std::string unknown_text(reader& in) {
  const auto text = "\\# " + std::to_string(in.left());
  const auto data = hex_text(in.take(in.left()));
  return data.empty() ? text : text + " " + data;
}

/// Seconds since 1970 as RRSIG has them (RFC 4034, section 3.2): YYYYMMDDHHmmSS.
std::string date_text(std::uint32_t seconds) {
  const std::chrono::sys_seconds at{std::chrono::seconds{seconds}};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{at - day};
  char text[32];
  std::snprintf(text, sizeof text, "%04d%02u%02u%02d%02d%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text;
}

std::string base64_text(reader& in) {
  const auto bytes = in.take(in.left());
  return base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string part_text(reader& in, char part) {
  switch (part) {
  case '1': return std::to_string(in.u8());
  case '2': return std::to_string(in.u16());
  case '4': return std::to_string(in.u32());
  case 'n': return in.name();
  case 's': return quoted(in.take(in.u8()));
  case 't': return dns_type_text(in.u16());
  case 'd': return date_text(in.u32());
  case 'T': return texts(in);
  case 'b': return base64_text(in);
  case 'X': return ascii::to_upper(hex_text(in.take(in.left())));
  default: return hex_text(in.take(in.left()));
  }
}

std::string data_text(reader& in, record& out) {
  switch (out.type) {
  case type_number::a: return ip_text(in, false);
  case type_number::aaaa: return ip_text(in, true);
  case type_number::soa: return soa_text(in, out);
  case type_number::caa: return caa_text(in);
  default: break;
  }
  const auto parts = parts_of(out.type);
  if (parts.empty()) {
    return unknown_text(in);
  }
  std::string text;
  for (const char part : parts) {
    text += (text.empty() ? "" : " ") + part_text(in, part);
  }
  return text;
}

std::optional<record> read_record(reader& in) {
  record out;
  out.name = in.name();
  out.type = in.u16();
  out.klass = in.u16();
  out.ttl = in.u32();
  const auto outer = in.enter(in.u16());
  if (!in.good()) {
    return std::nullopt;
  }
  out.data = data_text(in, out);
  const bool whole = in.leave(outer) && in.made(out.name.size() + out.data.size());
  return whole ? std::optional{std::move(out)} : std::nullopt;
}

bool read_section(reader& in, std::size_t count, std::vector<record>& out) {
  for (std::size_t i = 0; i < count; ++i) {
    auto next = read_record(in);
    if (!next) {
      return false;
    }
    out.push_back(std::move(*next));
  }
  return true;
}

// Its TTL holds the upper eight bits of the code (RFC 6891, section 6.1.3). None is of a zone.
void take_options(message& out) {
  const auto at = std::ranges::find(out.additionals, type_opt, &record::type);
  if (at != out.additionals.end()) {
    const auto upper = at->ttl >> 24U;
    out.rcode = static_cast<std::uint8_t>(std::min<std::uint32_t>(upper << 4U | out.rcode, 255));
    std::erase_if(out.additionals, [](const auto& one) { return one.type == type_opt; });
  }
}

} // namespace

bool same_name(std::string_view a, std::string_view b) noexcept { return ascii::same(a, b); }

std::string record::text() const {
  return name + "\t" + std::to_string(ttl) + "\t" + dns_class_text(klass) + "\t" +
         dns_type_text(type) + "\t" + data;
}

bool answers_query(std::span<const std::uint8_t> bytes, std::uint16_t id) noexcept {
  return bytes.size() >= header_size && (bytes[0] << 8U | bytes[1]) == id &&
         (bytes[2] & 0xF8U) == 0x80U; // QR, and OPCODE 0 as in the query
}

std::optional<message> read_message(std::span<const std::uint8_t> bytes) {
  reader in{bytes};
  message out;
  out.id = in.u16();
  const auto flags = in.u16();
  out.response = (flags & 0x8000U) != 0;
  out.authoritative = (flags & 0x0400U) != 0;
  out.truncated = (flags & 0x0200U) != 0;
  out.recursion_available = (flags & 0x0080U) != 0;
  out.rcode = static_cast<std::uint8_t>(flags & 0x000FU);
  const auto questions = in.u16();
  const auto answers = in.u16();
  const auto authorities = in.u16();
  const auto additionals = in.u16();
  if (questions > 1) {
    return std::nullopt; // RFC 9619, section 4
  }
  if (questions == 1) {
    question asked{in.name(), in.u16(), in.u16()};
    if (!in.made(asked.name.size())) {
      return std::nullopt; // of a cut one, too: nobody can say what it answers
    }
    out.asked = std::move(asked);
  }
  const bool whole = in.good() && read_section(in, answers, out.answers) &&
                     read_section(in, authorities, out.authorities) &&
                     read_section(in, additionals, out.additionals);
  // A cut answer may end anywhere (RFC 2181, section 9): what was read of it counts.
  if (!whole && !(out.truncated && out.asked)) {
    return std::nullopt;
  }
  take_options(out);
  return out;
}

} // namespace xprober::dns_query
