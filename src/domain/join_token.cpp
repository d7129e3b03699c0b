#include "xprober/domain/join_token.hpp"

#include "xprober/domain/base64.hpp"
#include "xprober/domain/label_text.hpp"

namespace xprober {

namespace {

constexpr std::string_view token_mark = "xpj1_";
/// Above what the longest token takes there is nothing to be read.
constexpr std::size_t longest_token_text = std::size_t{32} << 10U;

void put_token_number(std::string& out, std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) {
    out += static_cast<char>((value >> (8 * i)) & 0xFFU);
  }
}

void put_token_names(std::string& out, const std::vector<std::string>& names) {
  put_token_number(out, names.size(), 1);
  for (const auto& name : names) {
    put_token_number(out, name.size(), 2);
    out += name;
  }
}

std::string token_body(const join_token& token) {
  std::string body = token.id;
  put_token_number(body, static_cast<std::uint64_t>(token.expires_unix), 8);
  body += token.authority;
  put_token_names(body, token.regions);
  put_token_names(body, token.networks);
  return body;
}

/// Takes what is there off the front; once something is not, nothing is any more.
class token_bytes {
public:
  explicit token_bytes(std::string_view bytes) : rest_(bytes) {}

  std::string take(std::size_t size) {
    if (broken_ || rest_.size() < size) {
      broken_ = true;
      return {};
    }
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return std::string{taken};
  }

  std::uint64_t number(std::size_t bytes) {
    std::uint64_t value = 0;
    for (const auto byte : take(bytes)) {
      value = (value << 8U) | static_cast<unsigned char>(byte);
    }
    return value;
  }

  std::vector<std::string> names() {
    std::vector<std::string> all;
    const auto count = number(1);
    broken_ = broken_ || count > join_token::most_names;
    for (std::uint64_t i = 0; i < count && !broken_; ++i) {
      auto name = take(number(2));
      broken_ = broken_ || !is_region_name(name);
      all.push_back(std::move(name));
    }
    return all;
  }

  bool broken() const noexcept { return broken_; }
  std::string rest() const { return std::string{rest_}; }

private:
  std::string_view rest_;
  bool broken_ = false;
};

} // namespace

std::string signed_part(const join_token& token) {
  return "xprober join token 1\n" + token_body(token);
}

std::string to_text(const signed_join_token& token) {
  return std::string{token_mark} + base64url(token_body(token.token) + token.signature);
}

std::optional<signed_join_token> read_join_token(std::string_view text, std::string& error) {
  error = "this is not a join token; one begins with " + std::string{token_mark} +
          ", and 'xprober server token' makes it";
  if (!text.starts_with(token_mark) || text.size() > longest_token_text) {
    return std::nullopt;
  }
  const auto bytes = read_base64url(text.substr(token_mark.size()));
  if (!bytes) {
    error = "the join token was not copied as it is: there are other characters in it, or some are "
            "missing";
    return std::nullopt;
  }
  token_bytes from{*bytes};
  signed_join_token read;
  read.token.id = from.take(join_token::bytes_of_id);
  read.token.expires_unix = static_cast<std::int64_t>(from.number(8));
  read.token.authority = from.take(join_token::bytes_of_hash);
  read.token.regions = from.names();
  read.token.networks = from.names();
  read.signature = from.rest();
  if (from.broken() || read.signature.empty()) {
    error = "the join token was not copied whole";
    return std::nullopt;
  }
  error.clear();
  return read;
}

} // namespace xprober
