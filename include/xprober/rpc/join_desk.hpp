#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/rpc/access_list.hpp"

namespace xprober::rpc {

/// For whom the agents that have joined speak, by the names of their certificates. Null for one
/// that was revoked, whose certificate nothing counts for any more.
using joined_grants = std::shared_ptr<const std::map<std::string, grant_ptr, std::less<>>>;

/// What an agent sends that wants a certificate. Over JSON: `token`, `region`, `host`, `request`.
struct join_request {
  std::string token;
  std::string region;  ///< empty: what the token says
  std::string host;    ///< what its machine is called
  std::string request; ///< for a certificate, in PEM form (PKCS #10)
};

/// What it gets. Over JSON: `name`, `certificate`, `regions`.
struct join_answer {
  std::string refusal; ///< a sentence; not empty: there is nothing else
  std::string name;
  std::string certificate; ///< in PEM form
  std::vector<std::string> regions;
  joined_grants grants{}; ///< as they are now; null: as they were
};

/// Gives agents their certificates. All but `authority` blocks on the disk, and is called by one
/// thread at a time; what goes wrong there is thrown.
class join_desk {
public:
  virtual ~join_desk() = default;

  /// The certificate of the authority, in PEM form. For any thread.
  virtual const std::string& authority() const noexcept = 0;

  /// To who shows a token: once, and to the same key again.
  virtual join_answer join(const join_request& wish) = 0;

  /// To the agent with a certificate in this name: another one in the same name.
  virtual join_answer renew(const std::string& name, const std::string& request) = 0;

  /// What others have written since: null where nothing has changed. The first time it is all.
  virtual joined_grants refresh() = 0;
};

/// A request to join takes no more bytes, which are read before anything is known of the sender.
inline constexpr std::size_t longest_join_request = std::size_t{16} * 1024;

/// Paths of requests, below /rpc/.
namespace join_paths {
inline constexpr std::string_view authority = "/rpc/Server.Authority";
inline constexpr std::string_view join = "/rpc/Server.Join";
inline constexpr std::string_view renew = "/rpc/Server.RenewCertificate";
} // namespace join_paths

/// What both sides write and read of it. Reading gives what is wrong, empty where nothing is.
std::string join_request_text(const join_request& wish);
std::string read_join_request(const std::string& body, join_request& out);
std::string join_answer_text(const join_answer& answer);
std::string read_join_answer(const std::string& body, join_answer& out);

} // namespace xprober::rpc
