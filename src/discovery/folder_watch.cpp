#include "xprober/discovery/folder_watch.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <set>
#include <system_error>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/inotify.h>

#include "xprober/base/log.hpp"

namespace xprober::service_discovery {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using clock = std::chrono::steady_clock;

constexpr std::uint32_t events = IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_TO | IN_MOVED_FROM |
                                 IN_CREATE | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF |
                                 IN_ONLYDIR;

/// The folder that a folder is in; empty for the root and for ".".
std::string parent_of(const std::string& folder) {
  const auto slash = folder.find_last_of('/');
  if (slash == std::string::npos) {
    return folder == "." ? "" : ".";
  }
  return slash > 0 ? folder.substr(0, slash) : folder.size() > 1 ? "/" : "";
}

} // namespace

struct folder_watch::impl : std::enable_shared_from_this<folder_watch::impl> {
  explicit impl(asio::io_context& io) : context(io), events_of_kernel(io), settled(io) {}

  void open() {
    if (events_of_kernel.is_open() || folders.empty()) {
      return;
    }
    const int descriptor = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (descriptor < 0) {
      log::warn("discovery", "files cannot be watched; they are looked at every refresh_interval",
                {{"error", std::generic_category().message(errno)}});
      return;
    }
    events_of_kernel.assign(descriptor);
    receive();
  }

  void receive() {
    events_of_kernel.async_read_some(
        asio::buffer(buffer), [self = shared_from_this()](const error_code& error, std::size_t) {
          // Which file it was does not matter: all are looked at.
          if (!error) {
            self->note_change();
            self->receive();
          }
        });
  }

  void note_change() {
    const auto now = clock::now();
    if (!waiting) {
      waiting = true;
      latest = now + longest_settle_time;
    }
    // Ends the wait that is under way; the new one tells.
    settled.expires_at(std::min(now + clock::duration{settle_time}, latest));
    settled.async_wait([self = shared_from_this()](const error_code& error) {
      if (!error) {
        self->waiting = false;
        self->place_watches();
        if (self->changed) {
          self->changed();
        }
      }
    });
  }

  /// Watches every folder, and in the place of one that is not there the nearest that is.
  void place_watches() {
    if (!events_of_kernel.is_open()) {
      return;
    }
    std::set<int> now;
    for (const auto& folder : folders) {
      auto at = folder;
      int number = add(at);
      while (number < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        at = parent_of(at);
        if (at.empty()) {
          break;
        }
        number = add(at);
      }
      if (number >= 0) {
        now.insert(number);
      } else if (complained.insert(folder).second) {
        log::warn("discovery", "a folder cannot be watched; it is looked at every refresh_interval",
                  {{"folder", folder}, {"error", std::generic_category().message(errno)}});
      }
    }
    for (const int number : watches) {
      if (!now.contains(number)) {
        ::inotify_rm_watch(events_of_kernel.native_handle(), number);
      }
    }
    watches = std::move(now);
  }

  int add(const std::string& folder) {
    return ::inotify_add_watch(events_of_kernel.native_handle(), folder.c_str(), events);
  }

  void stop() {
    changed = {};
    error_code ignored;
    settled.cancel();
    events_of_kernel.close(ignored);
  }

  asio::io_context& context;
  asio::posix::stream_descriptor events_of_kernel;
  asio::steady_timer settled;
  std::array<char, 16384> buffer{};
  std::vector<std::string> folders;
  std::function<void()> changed;
  std::set<int> watches;
  std::set<std::string> complained;
  bool waiting = false;
  clock::time_point latest{};
};

folder_watch::folder_watch(asio::io_context& context) : impl_(std::make_shared<impl>(context)) {}

folder_watch::~folder_watch() { stop(); }

void folder_watch::watch(std::vector<std::string> folders, std::function<void()> changed) {
  asio::post(impl_->context,
             [self = impl_, folders = std::move(folders), changed = std::move(changed)]() mutable {
               self->folders = std::move(folders);
               self->changed = std::move(changed);
               self->open();
               self->place_watches();
               if (!self->folders.empty()) {
                 self->note_change(); // what came between the look at the files and now
               }
             });
}

void folder_watch::stop() {
  asio::post(impl_->context, [self = impl_] { self->stop(); });
}

} // namespace xprober::service_discovery
