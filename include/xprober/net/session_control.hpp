#pragma once

#include <functional>
#include <memory>
#include <utility>

namespace xprober::net {

/// What a listener and one of its sessions know of each other. Used on the listener's executor
/// only.
class session_control {
public:
  /// What the session offers the listener.
  struct hooks {
    std::function<void()> finish; ///< end when what is under way is done
    std::function<void()> close;  ///< end now: close the socket
  };

  /// Takes the session's hooks away again when it goes out of scope.
  class attachment {
  public:
    explicit attachment(std::shared_ptr<session_control> control) : control_(std::move(control)) {}
    attachment(attachment&&) = default;
    attachment& operator=(attachment&&) = delete;
    ~attachment() {
      if (control_) {
        control_->hooks_ = {};
      }
    }

  private:
    std::shared_ptr<session_control> control_;
  };

  /// True once the listener wants its sessions to end. A session asks before it waits for the
  /// next request.
  bool stopping() const noexcept { return stopping_; }

  /// Sets the hooks in the place of earlier ones.
  [[nodiscard]] static attachment attach(std::shared_ptr<session_control> control, hooks offered) {
    control->hooks_ = std::move(offered);
    return attachment{std::move(control)};
  }

  /// The listener's side.
  void request_finish() {
    stopping_ = true;
    if (const auto finish = hooks_.finish) {
      finish();
    }
  }
  void request_close() {
    stopping_ = true;
    if (const auto close = hooks_.close) {
      close();
    }
  }

private:
  hooks hooks_;
  bool stopping_ = false;
};

} // namespace xprober::net
