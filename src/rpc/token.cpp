#include "xprober/rpc/token.hpp"

#include <algorithm>
#include <utility>

#include <openssl/crypto.h>

#include "xprober/base/log.hpp"
#include "xprober/base/read_file.hpp"
#include "xprober/domain/ascii.hpp"
#include "xprober/net/tls.hpp"

namespace xprober::rpc {

namespace {

/// Longer ones do not fit the header limits of HTTP servers.
constexpr std::size_t longest_token = 4096;

/// Empty for a token that nobody guesses, and for none.
std::string why_weak(const std::string& token) {
  if (token.empty() || token.size() >= shortest_asked_token) {
    return {};
  }
  return "has " + std::to_string(token.size()) + " characters, which can be guessed; a token has " +
         std::to_string(shortest_asked_token) + " and more (openssl rand -hex 32)";
}

} // namespace

std::string read_token_file(const std::string& file, std::string_view key) {
  if (file.empty()) {
    return {};
  }
  auto token = read_secret_file(key, file);
  if (!token.ok()) {
    throw net::setup_error(token.error);
  }
  const auto fail = [&](const std::string& reason) {
    throw net::setup_error(std::string{key} + ": " + file + ": " + reason);
  };
  if (token.text.size() > longest_token) {
    fail("is longer than " + std::to_string(longest_token) + " bytes: no token");
  }
  if (!std::ranges::all_of(token.text, [](char c) { return c > ' ' && c < '\x7f'; })) {
    fail("holds blanks or other characters that a token cannot have");
  }
  return std::move(token.text);
}

std::string read_asked_token(const std::string& file, std::string_view key) {
  auto token = read_token_file(file, key);
  if (const auto why = why_weak(token); !why.empty()) {
    throw net::setup_error(std::string{key} + ": " + file + ": " + why);
  }
  return token;
}

std::string read_agents_token(const std::string& file, std::string_view key) {
  auto token = read_token_file(file, key);
  if (const auto why = why_weak(token); !why.empty()) {
    log::warn("rpc", std::string{key} + ": " + file + ": " + why);
  }
  return token;
}

bool bearer_matches(std::string_view header, std::string_view token) {
  constexpr std::string_view scheme = "bearer ";
  if (header.size() != scheme.size() + token.size() || !ascii::starts_with(header, scheme)) {
    return false;
  }
  header.remove_prefix(scheme.size());
  return CRYPTO_memcmp(header.data(), token.data(), token.size()) == 0;
}

} // namespace xprober::rpc
