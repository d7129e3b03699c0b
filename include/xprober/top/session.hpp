#pragma once

#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/clock.hpp"
#include "xprober/net/http_client.hpp"
#include "xprober/top/view.hpp"

namespace xprober::top {

/// Somebody to look at.
struct source {
  std::string url; ///< as people know it
  net::http_origin origin;
  std::string base_path;     ///< in front of every path, without a final slash; empty for most
  std::string authorization; ///< the header's value; empty: none
  std::shared_ptr<boost::asio::ssl::context> tls{}; ///< for https
};

/// Reads "http://host:port/path" or "https://…"; without a scheme http is meant. `tls` is used for
/// https alone. On failure `error` says what is wrong.
std::optional<source> parse_source(std::string_view url, std::string& error);

struct session_options {
  /// The first that answers is looked at.
  std::vector<source> sources;
  listing first = listing::failing;
  milliseconds every{2000}; ///< between two rounds; longer where a round takes long
  bool screen = false;      ///< else lines go to `out`
  bool once = false;        ///< one picture, then the end; of lines alone
  std::ostream* out = nullptr;
  /// SIGINT, SIGTERM and SIGHUP end it; else somebody else takes them, and `stop`s.
  bool takes_signals = true;
};

/// Looks at a server or an agent, and shows what there is to see, until somebody ends it. All of it
/// on the thread that runs it.
class session {
public:
  explicit session(session_options options);
  ~session();
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// Until the user has had enough, a signal comes or `stop` is called; the terminal is given back
  /// then. True: what was shown last was whole and new. Throws std::exception where there can be no
  /// screen, and leaves the terminal as it was.
  bool run();

  /// From any thread; also before `run`, which ends at once then.
  void stop();

  /// It was a key that has ended it, or the terminal is gone.
  bool ended_by_user() const noexcept;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace xprober::top
