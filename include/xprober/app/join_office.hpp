#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "xprober/base/certificate_maker.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/rpc/join_desk.hpp"

namespace xprober::app {

/// Gives agents that show a join token their certificates, and remembers them in the server's
/// state directory. Null where `rpc` names no authority for that. Reads its files. Throws
/// net::setup_error, which names the key and the file.
std::shared_ptr<rpc::join_desk> make_join_office(const rpc_config& rpc,
                                                 const std::string& state_dir);

/// The authority of `rpc.join_ca_file` and `rpc.join_key_file`. Throws net::setup_error.
made_certificate read_join_authority(const rpc_config& rpc);

/// A new token of an authority, as people copy it. Throws std::runtime_error.
std::string make_join_token(const made_certificate& authority, std::vector<std::string> regions,
                            std::vector<std::string> networks, std::chrono::seconds life);

/// What an agent's token is known by afterwards: SHA-256 of its id in hexadecimal digits.
std::string token_hash(const join_token& token);

} // namespace xprober::app
