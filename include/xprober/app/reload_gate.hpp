#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace xprober::app {

/// Lets one reload happen at a time. What is asked for while one is under way, however often, is
/// one more reload behind it: that one reads what has been written until then.
class reload_gate {
public:
  /// Reads the configuration and puts it into force; an empty text, or why it was refused.
  using work = std::function<boost::asio::awaitable<std::string>()>;

  /// `reload` runs on the thread of `context`, which must outlive the gate.
  reload_gate(boost::asio::io_context& context, work reload);
  ~reload_gate();
  reload_gate(const reload_gate&) = delete;
  reload_gate& operator=(const reload_gate&) = delete;

  /// Asks for a reload and returns at once. Callable from any thread.
  void request();

  /// What comes of the next reload that begins: an empty text, or why it was refused. Throws what
  /// the reload throws. On the context's thread only.
  boost::asio::awaitable<std::string> reload();

  /// The same with `other` in the place of the reload, which nobody shares, behind what was asked
  /// for before. On the context's thread only.
  boost::asio::awaitable<std::string> take_turn(work other);

private:
  struct round;

  std::shared_ptr<round> join();
  std::shared_ptr<round> add(work what);
  static boost::asio::awaitable<std::string> end_of(std::shared_ptr<round> mine);
  void begin();
  void ended(const std::exception_ptr& failed, std::string problems);

  boost::asio::io_context& context_;
  work reload_;
  std::deque<std::shared_ptr<round>> waiting_;
  std::shared_ptr<round> next_;    ///< the reload among `waiting_`; null: nobody has asked
  std::shared_ptr<round> current_; ///< under way; null: none
};

} // namespace xprober::app
