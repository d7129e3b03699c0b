#include "xprober/rpc/token.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <openssl/crypto.h>

#include "xprober/net/tls.hpp"

namespace xprober::rpc {

namespace {

/// Longer ones do not fit the header limits of HTTP servers.
constexpr std::size_t longest_token = 4096;

[[noreturn]] void fail(const std::string& file, const std::string& reason) {
  throw net::setup_error("rpc.token_file: " + file + ": " + reason);
}

bool is_token_char(char c) { return c > ' ' && c < '\x7f'; }

} // namespace

std::string read_token_file(const std::string& file) {
  if (file.empty()) {
    return {};
  }
  std::ifstream input{file, std::ios::binary};
  std::string token(longest_token + 1, '\0');
  if (!input) {
    fail(file, "cannot be read: check that it exists and that this user may read it");
  }
  input.read(token.data(), static_cast<std::streamsize>(token.size()));
  token.resize(static_cast<std::size_t>(input.gcount()));
  if (token.size() > longest_token) {
    fail(file, "is longer than " + std::to_string(longest_token) + " bytes: no token");
  }
  const auto first = std::find_if(token.begin(), token.end(), is_token_char);
  const auto last = std::find_if(token.rbegin(), token.rend(), is_token_char).base();
  if (first == token.end()) {
    fail(file, "is empty: write the token into it, or leave token_file out");
  }
  token = std::string(first, last);
  if (!std::all_of(token.begin(), token.end(), is_token_char)) {
    fail(file, "holds blanks or other characters that a token cannot have");
  }
  return token;
}

bool bearer_matches(std::string_view header, std::string_view token) {
  constexpr std::string_view scheme = "bearer ";
  if (header.size() != scheme.size() + token.size()) {
    return false;
  }
  const bool same_scheme =
      std::equal(scheme.begin(), scheme.end(), header.begin(),
                 [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b); });
  header.remove_prefix(scheme.size());
  return same_scheme && CRYPTO_memcmp(header.data(), token.data(), token.size()) == 0;
}

} // namespace xprober::rpc
