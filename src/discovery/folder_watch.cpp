#include "xprober/discovery/folder_watch.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <map>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/inotify.h>

#include "xprober/base/log.hpp"
#include "xprober/discovery/watch_plan.hpp"

namespace xprober::service_discovery {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using clock = std::chrono::steady_clock;

/// Another entry has a name now.
constexpr std::uint32_t entry_events = IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE |
                                       IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
constexpr std::uint32_t content_events = IN_CLOSE_WRITE | IN_MODIFY;

} // namespace

struct folder_watch::impl : std::enable_shared_from_this<folder_watch::impl> {
  explicit impl(asio::io_context& io) : context(io), events_of_kernel(io), settled(io) {}

  void open() {
    if (events_of_kernel.is_open() || plan.empty()) {
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
        asio::buffer(buffer),
        [self = shared_from_this()](const error_code& error, std::size_t size) {
          if (!error) {
            // Which list it was does not matter: all are looked at.
            if (self->concerns_us(size)) {
              self->note_change();
            }
            self->receive();
          }
        });
  }

  /// True if one of the events in the buffer is of something that is watched for.
  bool concerns_us(std::size_t size) const {
    ::inotify_event event{};
    for (std::size_t at = 0; at + sizeof event <= size; at += sizeof event + event.len) {
      std::memcpy(&event, buffer.data() + at, sizeof event);
      if ((event.mask & IN_Q_OVERFLOW) != 0) {
        return true;
      }
      const auto folder = watches.find(event.wd);
      if (folder == watches.end() || (event.mask & IN_IGNORED) != 0) {
        continue; // of a watch that has ended
      }
      // The name is padded with zeros; without one it is the folder itself.
      const auto name =
          event.len > 0 ? std::string_view{buffer.data() + at + sizeof event} : std::string_view{};
      if (name.empty() || folder->second.all || folder->second.names.contains(name)) {
        return true;
      }
    }
    return false;
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
        if (self->changed) {
          self->changed();
        }
      }
    });
  }

  /// Watches what the plan says. True if it is not what was watched before.
  bool place_watches() {
    if (!events_of_kernel.is_open()) {
      return false;
    }
    std::map<int, watched_folder> now;
    for (const auto& [path, folder] : plan) {
      const int number = add(path, folder.content);
      if (number >= 0) {
        join(now[number], folder, path);
      } else if (folder.needed && errno != ENOENT && errno != ENOTDIR &&
                 complained.insert(path).second) {
        log::warn("discovery", "a folder cannot be watched; it is looked at every refresh_interval",
                  {{"folder", path}, {"error", std::generic_category().message(errno)}});
      }
    }
    for (const auto& [number, folder] : watches) {
      if (!now.contains(number)) {
        ::inotify_rm_watch(events_of_kernel.native_handle(), number);
      }
    }
    return std::exchange(watches, now) != now;
  }

  /// One folder can stand in the plan under two names.
  void join(watched_folder& all, const watched_folder& one, const std::string& path) {
    all.names.insert(one.names.begin(), one.names.end());
    all.all = all.all || one.all;
    if (all.content && !one.content) {
      add(path, true); // the last call decides what the kernel tells
    }
    all.content = all.content || one.content;
  }

  int add(const std::string& folder, bool content) {
    return ::inotify_add_watch(events_of_kernel.native_handle(), folder.c_str(),
                               entry_events | (content ? content_events : 0));
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
  watch_plan plan;
  std::function<void()> changed;
  std::map<int, watched_folder> watches; ///< by the kernel's numbers
  std::set<std::string> complained;
  bool waiting = false;
  clock::time_point latest{};
};

folder_watch::folder_watch(asio::io_context& context) : impl_(std::make_shared<impl>(context)) {}

folder_watch::~folder_watch() { stop(); }

void folder_watch::watch(const std::vector<std::string>& patterns, std::function<void()> changed) {
  asio::post(impl_->context,
             [self = impl_, plan = plan_watch(patterns), changed = std::move(changed)]() mutable {
               self->plan = std::move(plan);
               self->changed = std::move(changed);
               self->open();
               if (self->place_watches()) {
                 self->note_change(); // what came between the look at the files and now
               }
             });
}

void folder_watch::stop() {
  asio::post(impl_->context, [self = impl_] { self->stop(); });
}

} // namespace xprober::service_discovery
