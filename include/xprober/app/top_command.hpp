#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "xprober/domain/config.hpp"
#include "xprober/top/session.hpp"

namespace xprober::app {

/// `xprober top`: what its options say.
struct top_options {
  std::string url;           ///< empty: this machine's server, else its agent
  std::string token_file;    ///< of a token that may look
  std::string ca_file;       ///< whom to trust; empty: the system's store
  bool insecure = false;     ///< any certificate will do
  bool plain = false;        ///< lines, on a terminal too
  std::uint32_t every_s = 0; ///< between two pictures; 0: two seconds, or one picture in lines
};

/// Shows what a server or an agent says, until somebody ends it; the exit status: 0, or 1 where
/// nobody answers, or 2 for bad usage.
int top_command(const top_options& options);

/// The full screen of a service in this process, on a thread of its own, which asks over the
/// service's own port. When the user ends it, the process gets SIGINT.
class own_screen {
public:
  /// `address` is where the pages of `web` are. Throws net::setup_error.
  own_screen(const web_config& web, const std::string& address);
  /// Gives the terminal back.
  ~own_screen();
  own_screen(const own_screen&) = delete;
  own_screen& operator=(const own_screen&) = delete;

private:
  top::session session_;
  std::thread thread_;
};

} // namespace xprober::app
