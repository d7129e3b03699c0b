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

/// Watches folders with inotify: files that are written, renamed over, created, removed, and the
/// folders themselves, which may come later than the watch. All on the thread of the io_context but
/// for the calls of `watch` and `stop`, which any thread may make.
class folder_watch {
public:
  explicit folder_watch(boost::asio::io_context& context);
  ~folder_watch();
  folder_watch(const folder_watch&) = delete;
  folder_watch& operator=(const folder_watch&) = delete;

  /// Watches these folders and no others. Where the kernel does not allow it, the log says so.
  void watch(std::vector<std::string> folders, std::function<void()> changed);

  void stop();

private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

} // namespace xprober::service_discovery
