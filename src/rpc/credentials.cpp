#include "xprober/rpc/credentials.hpp"

#include <algorithm>

#include <openssl/sha.h>

#include "xprober/base/read_file.hpp"
#include "xprober/net/tls.hpp"
#include "xprober/rpc/token.hpp"

namespace xprober::rpc {

namespace {

/// As much as OpenSSL is given of a file in PEM form.
constexpr std::uint64_t longest_pem_file = std::uint64_t{16} << 20U;

/// The contents one behind the other, each with its length in front. A file that cannot be read
/// has none here; whoever uses it says so. Zeros where there are none at all: the first thing that
/// is asked of OpenSSL is half a megabyte.
std::array<std::uint8_t, 32> hash_of_contents(const std::vector<std::string>& contents) {
  if (std::ranges::all_of(contents, &std::string::empty)) {
    return {};
  }
  std::string all;
  for (const auto& content : contents) {
    all += std::to_string(content.size()) + ':' + content;
  }
  std::array<std::uint8_t, 32> hash{};
  static_assert(SHA256_DIGEST_LENGTH == 32);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  ::SHA256(reinterpret_cast<const unsigned char*>(all.data()), all.size(), hash.data());
  return hash;
}

} // namespace

std::vector<net::endpoint> parse_servers(const std::vector<std::string>& servers) {
  std::vector<net::endpoint> parsed;
  for (const auto& text : servers) {
    std::string error;
    const auto server = net::parse_endpoint(text, error);
    if (!server) {
      throw net::setup_error(error);
    }
    parsed.push_back(*server);
  }
  if (parsed.empty()) {
    throw net::setup_error("rpc_server_addr: names no server");
  }
  return parsed;
}

client_credentials read_credentials(const std::vector<net::endpoint>& servers,
                                    const rpc_config& files) {
  client_credentials result;
  result.token = read_token_file(files.token_file);
  std::vector<std::string> contents{result.token};
  if (std::ranges::any_of(servers, &net::endpoint::tls)) {
    // Before they are used: what is written in between is a change that the next look finds.
    for (const auto* path : {&files.ca_file, &files.cert_file, &files.key_file}) {
      contents.push_back(path->empty() ? std::string{} : read_file(*path, longest_pem_file).text);
    }
    result.tls = net::client_tls(net::files_of(files));
  }
  result.hash = hash_of_contents(contents);
  return result;
}

} // namespace xprober::rpc
