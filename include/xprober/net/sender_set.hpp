#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <pthread.h>

#include "xprober/base/log.hpp"
#include "xprober/net/tls.hpp"

namespace xprober::net {

/// Senders on a thread of their own, one for each receiver that a configuration names. A `Sender`
/// has `start()`, `stop()`, and `setup()`, what it was made for; they run on that thread.
template <class Sender, class Setup>
class sender_set {
public:
  /// Throws setup_error where the receiver cannot be used, which is logged.
  using sender_maker =
      std::function<std::shared_ptr<Sender>(boost::asio::io_context&, const Setup&)>;

  /// `name` is the thread's, at most 15 bytes, and the log's. `ended` hears of each sender that is
  /// wanted no more. Both functions are called on the thread. When all is stopped, senders have
  /// `last_words` to finish what they are at.
  sender_set(std::string name, sender_maker make, std::function<void(const Setup&)> ended,
             std::chrono::milliseconds last_words = std::chrono::milliseconds{0})
      : name_(std::move(name)), make_(std::move(make)), ended_(std::move(ended)),
        last_words_(last_words), work_(io_.get_executor()), thread_([this] {
          ::pthread_setname_np(::pthread_self(), name_.c_str());
          io_.run();
          io_.restart();
          io_.run_for(last_words_);
        }) {}
  ~sender_set() { stop(); }
  sender_set(const sender_set&) = delete;
  sender_set& operator=(const sender_set&) = delete;

  /// The receivers from now on; those that are as before go on undisturbed. Callable from any
  /// thread.
  void set(std::vector<Setup> wanted) {
    boost::asio::post(io_, [this, wanted = std::move(wanted)] { change(wanted); });
  }

  /// Stops the senders and ends the thread; nothing happens after that.
  void stop() {
    if (!thread_.joinable()) {
      return;
    }
    boost::asio::post(io_, [this] {
      for (const auto& sender : senders_) {
        sender->stop();
      }
      work_.reset();
      io_.stop(); // the thread goes on with what is left
    });
    thread_.join();
  }

private:
  void change(const std::vector<Setup>& wanted) {
    std::erase_if(senders_, [&](const std::shared_ptr<Sender>& sender) {
      if (std::find(wanted.begin(), wanted.end(), sender->setup()) != wanted.end()) {
        return false;
      }
      sender->stop();
      ended_(sender->setup());
      return true;
    });
    for (const auto& setup : wanted) {
      const bool there = std::any_of(senders_.begin(), senders_.end(),
                                     [&](const auto& s) { return s->setup() == setup; });
      if (!there) {
        add(setup);
      }
    }
  }

  void add(const Setup& setup) {
    try {
      senders_.push_back(make_(io_, setup));
      senders_.back()->start();
    } catch (const setup_error& error) {
      log::error(name_, "a receiver cannot be used", {{"error", error.what()}});
    }
  }

  std::string name_;
  sender_maker make_;
  std::function<void(const Setup&)> ended_;
  std::chrono::milliseconds last_words_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::vector<std::shared_ptr<Sender>> senders_; ///< of the thread
  std::thread thread_;
};

} // namespace xprober::net
