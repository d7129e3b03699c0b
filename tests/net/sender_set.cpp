#define CAF_SUITE sender_set

#include "xprober/net/sender_set.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "xprober/base/log.hpp"

#include "caf/test/dsl.hpp"

namespace sender_set_suite {

using namespace xprober;

namespace {

using events = std::vector<std::string>;

class fake_sender {
public:
  fake_sender(std::string setup, events& told) : setup_(std::move(setup)), told_(told) {}

  const std::string& setup() const noexcept { return setup_; }
  void start() { told_.push_back("start " + setup_); }
  void stop() { told_.push_back("stop " + setup_); }

private:
  std::string setup_;
  events& told_;
};

/// What happens is complete, and may be looked at, after `subject.stop()`.
struct fixture {
  fixture() { log::set_level(log::level::off); }

  std::shared_ptr<fake_sender> make(const std::string& setup) {
    if (setup == "bad") {
      throw net::setup_error{"no such receiver"};
    }
    return std::make_shared<fake_sender>(setup, told);
  }

  events told; ///< of the thread
  net::sender_set<fake_sender, std::string> subject{
      "senders", [this](boost::asio::io_context&, const std::string& setup) { return make(setup); },
      [this](const std::string& setup) { told.push_back("ended " + setup); }};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(sender_set_tests, fixture)

CAF_TEST(each receiver has a sender which stops at the end) {
  subject.set({"a", "b"});
  subject.stop();
  CAF_CHECK((told == events{"start a", "start b", "stop a", "stop b"}));
}

CAF_TEST(what is as before goes on undisturbed and the others go) {
  subject.set({"a", "b"});
  subject.set({"b", "c"});
  subject.stop();
  CAF_CHECK(
      (told == events{"start a", "start b", "stop a", "ended a", "start c", "stop b", "stop c"}));
}

CAF_TEST(a receiver that cannot be used holds up no other) {
  subject.set({"bad", "a"});
  subject.stop();
  CAF_CHECK((told == events{"start a", "stop a"}));
}

CAF_TEST(after the end nothing is begun) {
  subject.stop();
  subject.set({"a"});
  subject.stop();
  CAF_CHECK(told.empty());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace sender_set_suite
