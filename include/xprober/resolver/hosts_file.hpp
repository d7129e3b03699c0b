#pragma once

#include <array>
#include <cstdint>
#include <istream>
#include <string>
#include <unordered_map>
#include <vector>

#include <boost/asio/ip/address.hpp>

namespace xprober::dns {

/// The addresses of names, in lower case, as a hosts file has them: hosts(5). What cannot be read
/// is passed over.
using host_table = std::unordered_map<std::string, std::vector<boost::asio::ip::address>>;

host_table read_hosts(std::istream& text);

/// The hosts file of the system, or the one that $CARES_HOSTS names, as for every program that
/// uses c-ares. Read when it is first needed and again when it has changed, inside the call.
class hosts_file {
public:
  /// The addresses of a name in lower case, with or without its final dot, in the file's order.
  /// Empty: it is not there. A name that only this machine can have (`localhost` and what is below
  /// it: RFC 6761, section 6.3) has the loopback addresses where the file has none.
  std::vector<boost::asio::ip::address> find(std::string host);

private:
  void refresh();

  std::string path_;
  std::array<std::int64_t, 5> version_{}; ///< device, inode, size, time of change
  host_table table_;
};

} // namespace xprober::dns
