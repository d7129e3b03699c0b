#define CAF_SUITE server_link

#include "xprober/app/server_link.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <unistd.h>

#include "rpc/call_now.hpp"
#include "rpc/fake_actors.hpp"
#include "xprober/base/log.hpp"

#include "caf/test/dsl.hpp"

namespace server_link_suite {

using namespace xprober;
using app::server_link;

namespace {

const get_targets_request north{"north", "127.0.0.1", ""};

/// A link with two servers to go to.
struct fixture {
  fixture() {
    log::set_level(log::level::off);
    rpc::server_options options;
    options.listen = "127.0.0.1:0";
    for (auto& port : ports) {
      port.emplace(backend.io.context, backend.actors, options);
    }
    config.rpc_server_addr = {address(0)};
  }
  ~fixture() {
    backend.io.on_thread([this] {
      link.reset();
      for (auto& port : ports) {
        port.reset();
      }
    });
    std::filesystem::remove(token_file);
  }

  std::string address(std::size_t server) const {
    return "127.0.0.1:" + std::to_string(ports.at(server)->local_endpoint().port());
  }

  void open() { link.emplace(backend.io.context, config); }

  std::string ask() {
    using namespace xprober::test;
    return text_of(call_now(*link->engine(), north));
  }

  /// What comes of a reload with `config`.
  std::optional<server_link::handover> reload() {
    CAF_REQUIRE_EQUAL(link->prepare(config), "");
    return backend.io.on_thread([this] { return link->switch_over(); });
  }

  void leave(server_link::handover before) {
    boost::asio::co_spawn(backend.io.context,
                          link->leave(std::move(before), {"north", "127.0.0.1", "p"}),
                          boost::asio::use_future)
        .get();
  }

  xprober::test::fake_backend backend;
  std::array<std::optional<rpc::server>, 2> ports;
  agent_config config;
  std::optional<server_link> link;
  std::string token_file =
      (std::filesystem::temp_directory_path() / ("xprober-link-" + std::to_string(::getpid())))
          .string();
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(server_link_tests, fixture)

CAF_TEST(the same servers and files change nothing) {
  open();
  const auto engine = link->engine();
  CAF_CHECK(!reload());
  CAF_CHECK(link->engine() == engine);
}

CAF_TEST(another server has the calls and the old one hears a goodbye) {
  open();
  CAF_CHECK_EQUAL(ask(), "north.example");
  config.rpc_server_addr = {address(1)};
  auto change = reload();
  CAF_REQUIRE(change);
  CAF_CHECK(change->moves);
  CAF_REQUIRE_EQUAL(change->left.size(), 1u);
  CAF_CHECK(change->left[0].text == address(0));
  CAF_CHECK(change->engine != link->engine());
  leave(std::move(*change));
  CAF_CHECK_EQUAL(backend.counts->gone.load(), 1);
  CAF_CHECK_EQUAL(ask(), "north.example");
}

CAF_TEST(a server that stays is used on and hears nothing) {
  open();
  CAF_CHECK_EQUAL(ask(), "north.example");
  config.rpc_server_addr = {address(1), address(0)};
  auto change = reload();
  CAF_REQUIRE(change);
  CAF_CHECK(!change->moves);
  leave(std::move(*change));
  CAF_CHECK_EQUAL(ask(), "north.example");
  CAF_CHECK_EQUAL(backend.counts->gone.load(), 0);
  CAF_MESSAGE("and is known to have answered at the next change");
  config.rpc_server_addr = {address(1)};
  change = reload();
  CAF_REQUIRE(change);
  CAF_CHECK(change->moves);
  CAF_CHECK_EQUAL(change->left.size(), 1u);
}

CAF_TEST(one that has never answered is told nothing) {
  open();
  config.rpc_server_addr = {address(1)};
  auto change = reload();
  CAF_REQUIRE(change);
  leave(std::move(*change));
  CAF_CHECK_EQUAL(backend.counts->gone.load(), 0);
}

CAF_TEST(a file that cannot be used is named and changes nothing) {
  open();
  const auto engine = link->engine();
  config.rpc_server_addr = {"https://" + address(1)};
  config.rpc.ca_file = "/nowhere/missing.pem";
  const auto problem = link->prepare(config);
  CAF_CHECK(problem.starts_with("rpc.ca_file: " + config.rpc.ca_file));
  const auto change = backend.io.on_thread([this] { return link->switch_over(); });
  CAF_CHECK(!change);
  CAF_CHECK(link->engine() == engine);
}

CAF_TEST(a file of the same name with another content is used) {
  config.rpc.token_file = token_file;
  config.rpc_server_addr = {"http://" + address(0)};
  std::ofstream{config.rpc.token_file} << "first";
  open();
  CAF_CHECK(!reload());
  std::ofstream{config.rpc.token_file} << "second";
  const auto change = reload();
  CAF_REQUIRE(change);
  CAF_CHECK(!change->moves);
  CAF_CHECK_EQUAL(change->credentials.token, "first");
  CAF_CHECK(change->engine != link->engine());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace server_link_suite
