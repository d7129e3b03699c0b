#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

namespace xprober::service_discovery {

/// Changes are told when nothing has changed for so long: editors write in several steps.
inline constexpr std::chrono::milliseconds settle_time{200};
/// ... but no later than this after the first of them.
inline constexpr std::chrono::milliseconds longest_settle_time{2000};

/// Watches the files that patterns stand for with inotify: that they are written, renamed over,
/// created and removed, and every link and folder on the way to them, see `plan_watch`. All on the
/// thread of the io_context but for the calls of `watch` and `stop`, which any thread may make.
class folder_watch {
public:
  explicit folder_watch(boost::asio::io_context& context);
  ~folder_watch();
  folder_watch(const folder_watch&) = delete;
  folder_watch& operator=(const folder_watch&) = delete;

  /// Watches these and nothing else. Where the kernel does not allow it, the log says so. Looks
  /// into the file system on the caller's thread. To be called again after each change: the way to
  /// a file may be another one then.
  void watch(const std::vector<std::string>& patterns, std::function<void()> changed);

  void stop();

private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

} // namespace xprober::service_discovery
