#include "xprober/app/reading_thread.hpp"

#include <pthread.h>

namespace xprober::app {

reading_thread::reading_thread()
    : work_(context_.get_executor()), over_(ended_.get_future()), thread_([this] {
        ::pthread_setname_np(::pthread_self(), "files");
        context_.run();
        ended_.set_value();
      }) {}

reading_thread::~reading_thread() {
  refuse();
  thread_.join();
}

bool reading_thread::is_over_within(std::chrono::nanoseconds longest) {
  return over_.wait_for(longest) == std::future_status::ready;
}

} // namespace xprober::app
