#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace xprober::net {

/// What a session does, as far as it matters when places are short: see `connection_table`.
enum class session_stage : std::uint8_t {
  fresh,     ///< no whole request has come, and no head that was accepted
  idle,      ///< waits for the next request, or for the rest of its head
  receiving, ///< the body of a request comes in
  sending,   ///< nothing but its client is waited for: it has not taken the whole answer yet
  answering, ///< a request is being worked on
};

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

  /// The session says what it does from now on. Before it has, it counts as `answering`.
  void enter(session_stage stage) const {
    if (observer_) {
      observer_(stage);
    }
  }

  /// The listener's side.
  void observe(std::function<void(session_stage)> observer) { observer_ = std::move(observer); }
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
  std::function<void(session_stage)> observer_;
  bool stopping_ = false;
};

} // namespace xprober::net
