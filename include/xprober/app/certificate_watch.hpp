#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "xprober/app/reading_thread.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/domain/join_book.hpp"

namespace xprober::app {

/// A file whose first certificate this server shows others, and the keys that name it.
struct own_certificate {
  std::string keys; ///< "rpc.cert_file and web.cert_file"
  std::string file;

  bool operator==(const own_certificate&) const = default;
};

/// Those of a configuration, each file once: the certificates of both ports, and the authority of
/// agents that join.
std::vector<own_certificate> own_certificates(const server_config& config);

/// What is to be said of a certificate that ends: in its last 30 days, or where its life is below
/// 120 days in the last quarter of it, since who renews such does so before; and when it has ended.
/// Else empty.
std::string end_warning(const own_certificate& named, const certificate_span& span,
                        std::int64_t now_unix);

/// Tells that certificates of this server end, which nobody renews by themselves: once an hour, and
/// in the log once a day.
class certificate_watch {
public:
  struct hooks {
    /// The files as the configuration names them now.
    std::function<std::vector<own_certificate>()> files;
    /// What is to be said, nothing where all is well; each time.
    std::function<void(std::vector<std::string>)> tell;
  };

  /// All others must outlive the context's thread. All hooks are called there.
  certificate_watch(boost::asio::io_context& context, reading_thread& files, hooks about);

  /// Looks at once and each `interval` from then on, for as long as the context runs.
  void watch(std::chrono::milliseconds interval = std::chrono::hours{1});

private:
  boost::asio::awaitable<void> keep_looking(std::chrono::milliseconds interval);
  void take(std::vector<std::string> found);

  reading_thread& files_;
  hooks about_;
  boost::asio::io_context& context_;
  boost::asio::steady_timer timer_;
  std::optional<std::chrono::steady_clock::time_point> logged_; ///< nothing: all was well
};

} // namespace xprober::app
