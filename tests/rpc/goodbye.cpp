#define CAF_SUITE goodbye

#include "xprober/rpc/goodbye.hpp"

#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_future.hpp>

#include "rpc/fake_actors.hpp"
#include "xprober/base/log.hpp"

#include "caf/test/dsl.hpp"

namespace goodbye_suite {

using namespace xprober;
using namespace xprober::rpc;
using namespace std::chrono_literals;

namespace {

struct fixture {
  fixture() {
    log::set_level(log::level::off);
    options.listen = "127.0.0.1:0";
  }
  ~fixture() {
    backend.io.on_thread([this] {
      first.reset();
      second.reset();
    });
  }

  std::string serve(std::optional<server>& place) {
    place.emplace(backend.io.context, backend.actors, options);
    return "127.0.0.1:" + std::to_string(place->local_endpoint().port());
  }

  void say(const std::vector<std::string>& servers, std::chrono::milliseconds longest) {
    boost::asio::co_spawn(backend.io.context,
                          say_goodbye(backend.io.context, {}, {}, parse_servers(servers),
                                      {"north", "10.0.0.1", "abc"}, longest),
                          boost::asio::use_future)
        .get();
  }

  test::fake_backend backend;
  server_options options;
  std::optional<server> first;
  std::optional<server> second;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(goodbye_tests, fixture)

CAF_TEST(every server hears it in its own way) {
  const auto one = serve(first);
  const auto other = serve(second);
  say({one, "http://" + other}, 10min);
  CAF_CHECK_EQUAL(backend.counts->gone.load(), 2);
}

CAF_TEST(one that is away holds up nobody) {
  const auto one = serve(first);
  const auto away = serve(second);
  std::promise<void> stopped;
  second->stop(0ms, [&stopped] { stopped.set_value(); });
  stopped.get_future().get();
  say({away, one}, 10min);
  CAF_CHECK_EQUAL(backend.counts->gone.load(), 1);
}

CAF_TEST(one that does not answer is waited for no longer than it may take) {
  // Takes connections into its queue, and nobody serves them.
  boost::asio::io_context nobody;
  const boost::asio::ip::tcp::endpoint loopback{boost::asio::ip::make_address("127.0.0.1"), 0};
  const boost::asio::ip::tcp::acceptor silent{nobody, loopback};
  say({"127.0.0.1:" + std::to_string(silent.local_endpoint().port())}, 50ms);
  CAF_CHECK_EQUAL(backend.counts->gone.load(), 0);
}

CAF_TEST(nobody to be told is at an end at once) {
  say({serve(first)}, 10min);
  boost::asio::co_spawn(backend.io.context, say_goodbye(backend.io.context, {}, {}, {}, {}, 10min),
                        boost::asio::use_future)
      .get();
  CAF_CHECK_EQUAL(backend.counts->gone.load(), 1);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace goodbye_suite
