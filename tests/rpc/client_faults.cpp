#define CAF_SUITE client_faults

#include <algorithm>
#include <atomic>
#include <optional>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/io_thread.hpp"
#include "rpc/call_now.hpp"
#include "xprober/net/listener.hpp"
#include "xprober/net/stream.hpp"
#include "xprober/rpc/client_engine.hpp"
#include "xprober/rpc/envelope.hpp"

#include "caf/test/dsl.hpp"

namespace client_faults_suite {

// The client against servers that do not behave.

using namespace xprober;
using namespace xprober::rpc;
using namespace std::chrono_literals;
using net::tcp;
using test::begin_call;
using test::call_now;
using test::text_of;

namespace {

namespace asio = boost::asio;

const get_targets_request north{"north", "127.0.0.1", ""};

/// What a scripted server does with the requests of a connection: given what came so far, what to
/// send. Nothing to send and true: close.
struct reaction {
  std::string send;
  bool close = false;
};
using script = std::function<reaction(std::string& received)>;

std::string answer_to(std::uint64_t seq, const std::string& target) {
  std::string out;
  begin_response(out, seq);
  get_targets_response list;
  list.targets = {{"icmp", "r", {target}}};
  encode(list, wire_format::msgpack, out);
  return out;
}

/// The sequence numbers of all whole requests, which are taken out of `received`.
std::vector<std::uint64_t> take_requests(std::string& received) {
  std::vector<std::uint64_t> seqs;
  frame_scanner scanner;
  while (scanner.scan(received) == frame_status::complete) {
    rpc_message message;
    const auto bytes = received.substr(0, scanner.size());
    if (read_envelope(bytes, message).empty()) {
      seqs.push_back(message.seq);
    }
    received.erase(0, bytes.size());
    scanner.reset();
  }
  return seqs;
}

struct fixture {
  fixture() {
    options.backoff_initial = 20ms;
    options.backoff_max = 50ms;
    options.call_timeout = 1000ms;
    options.seed = 1;
  }
  ~fixture() {
    engine.reset();
    io.on_thread([this] { ports.clear(); });
    io.stop();
  }

  /// Starts a server; its address.
  std::string serve(script reacts) {
    ports.push_back(std::make_unique<net::listener>(
        io.context, "127.0.0.1:0",
        [this, reacts](tcp::socket socket, std::shared_ptr<net::session_control> control) {
          return session(net::plain_stream(std::move(socket)), reacts, std::move(control));
        }));
    return net::endpoint_text(ports.back()->local_endpoint());
  }

  asio::awaitable<void> session(std::unique_ptr<net::stream> connection, script reacts,
                                std::shared_ptr<net::session_control> control) {
    ++connections;
    auto* raw = connection.get();
    const auto attached =
        net::session_control::attach(control, {[raw] { raw->close(); }, [raw] { raw->close(); }});
    std::string received;
    while (true) {
      char buffer[4096];
      const auto got = co_await raw->read_some(asio::buffer(buffer), 20s);
      if (got.error) {
        co_return;
      }
      received.append(buffer, got.bytes);
      const auto next = reacts(received);
      const auto step = piecewise ? std::size_t{1} : std::max<std::size_t>(next.send.size(), 1);
      for (std::size_t at = 0; at < next.send.size(); at += step) {
        std::vector<asio::const_buffer> parts{
            asio::buffer(next.send.data() + at, std::min(step, next.send.size() - at))};
        co_await raw->write(std::move(parts), 1s);
        ++pieces;
        if (piecewise) { // lets the client read what has come
          asio::steady_timer pause{io.context, 1ms};
          co_await pause.async_wait(asio::use_awaitable);
        }
      }
      if (next.close) {
        co_return;
      }
    }
  }

  client_engine& connect(std::vector<std::string> servers) {
    options.servers = std::move(servers);
    return engine.emplace(io.context, options);
  }

  test::io_thread io;
  std::vector<std::unique_ptr<net::listener>> ports;
  std::atomic<int> connections{0};
  std::atomic<int> pieces{0};         ///< writes of all servers
  std::atomic<bool> piecewise{false}; ///< servers send byte by byte
  client_options options;
  std::optional<client_engine> engine;
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// Answers every request as it should.
reaction behave(std::string& received) {
  reaction result;
  for (auto seq : take_requests(received)) {
    result.send += answer_to(seq, "good");
  }
  return result;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(client_faults_tests, fixture)

CAF_TEST(answers_in_reverse_order_find_their_calls) {
  connect({serve([seqs = std::vector<std::uint64_t>{}](std::string& received) mutable {
    for (auto seq : take_requests(received)) {
      seqs.push_back(seq);
    }
    reaction result;
    if (seqs.size() == 3) {
      for (auto seq = seqs.rbegin(); seq != seqs.rend(); ++seq) {
        result.send += answer_to(*seq, "answer " + std::to_string(*seq));
      }
    }
    return result;
  })});
  auto first = begin_call(*engine, north);
  auto second = begin_call(*engine, north);
  auto third = begin_call(*engine, north);
  CAF_CHECK_EQUAL(text_of(first.get()), "answer 0");
  CAF_CHECK_EQUAL(text_of(second.get()), "answer 1");
  CAF_CHECK_EQUAL(text_of(third.get()), "answer 2");
  CAF_CHECK_EQUAL(connections.load(), 1);
}

CAF_TEST(an_answer_in_many_pieces_is_put_together) {
  piecewise = true;
  connect({serve(behave)});
  CAF_CHECK_EQUAL(text_of(call_now(*engine, north)), "good");
  CAF_CHECK(pieces.load() > 10);
}

CAF_TEST(what_nobody_has_asked_for_is_not_gathered) {
  // Behind the answer comes the beginning of one of 250 MB.
  connect({serve([](std::string& received) {
    auto result = behave(received);
    if (!result.send.empty()) {
      result.send += std::string{"\x94\x01\x07\xdb\x0f\x00\x00\x00", 8} + std::string(200'000, 'x');
    }
    return result;
  })});
  CAF_CHECK_EQUAL(text_of(call_now(*engine, north)), "good");
  CAF_CHECK(test::eventually(
      [&] { return io.on_thread([&] { return ports.back()->connections(); }) == 0; }));
}

CAF_TEST(a_connection_that_ends_fails_its_calls_and_names_the_server) {
  const auto address = serve([](std::string&) { return reaction{"", true}; });
  connect({address});
  const auto text = text_of(call_now(*engine, north));
  CAF_MESSAGE(text);
  CAF_CHECK(has(text, "connection lost: " + address + ": "));
}

CAF_TEST(a_server_that_never_answers_is_followed_by_the_next) {
  const auto silent = serve([](std::string&) { return reaction{}; });
  connect({silent, serve(behave)});
  const auto text = text_of(call_now(*engine, north));
  CAF_MESSAGE(text);
  CAF_CHECK(has(text, "no answer in time: " + silent + ": no answer within 1000 ms"));
  CAF_CHECK_EQUAL(text_of(call_now(*engine, north)), "good");
}

CAF_TEST(what_breaks_the_protocol_ends_the_connection_and_fails_its_calls) {
  for (const auto& bytes :
       {answer_to(77, "nobody asked"), std::string{"\x94\xc1", 2},
        std::string{"HTTP/1.1 400 Bad Request\r\n\r\n"}, std::string{"\x93\x02\xa1x\x90", 5},
        std::string{"\x94\x01\x00\xc0\xdb\xff\xff\xff\xff", 9}}) {
    const auto address = serve([bytes](std::string&) { return reaction{bytes}; });
    connect({address});
    const auto text = text_of(call_now(*engine, north));
    CAF_MESSAGE(text);
    CAF_CHECK(has(text, "connection lost: " + address + ": protocol error: "));
  }
}

CAF_TEST(a_server_of_another_protocol_is_named) {
  const auto said = [&](const std::string& bytes) {
    connect({serve([bytes](std::string&) { return reaction{bytes, true}; })});
    return text_of(call_now(*engine, north));
  };
  CAF_CHECK(has(said("HTTP/1.1 400 Bad Request\r\n\r\n"), "the server speaks HTTP on this port"));
  CAF_CHECK(has(said({"\x15\x03\x03\x00\x02\x02\x46", 7}), "the server speaks TLS on this port"));
}

CAF_TEST(an_answer_that_cannot_be_decoded_fails_its_call_alone) {
  connect({serve([first = true](std::string& received) mutable {
    if (!std::exchange(first, false)) {
      return behave(received);
    }
    reaction result;
    for (auto seq : take_requests(received)) {
      begin_response(result.send, seq);
      result.send += "\x81\xa7targets\x07";
    }
    return result;
  })});
  CAF_CHECK(has(text_of(call_now(*engine, north)),
                "targets: a whole number stands where a list of maps belongs"));
  CAF_CHECK_EQUAL(text_of(call_now(*engine, north)), "good");
  CAF_CHECK_EQUAL(connections.load(), 1);
}

CAF_TEST(a_server_that_closes_an_idle_connection_is_dialled_again_without_an_error) {
  connect({serve([](std::string& received) {
    auto result = behave(received);
    result.close = true;
    return result;
  })});
  for (int i = 0; i < 3; ++i) {
    CAF_CHECK_EQUAL(text_of(call_now(*engine, north)), "good");
    std::this_thread::sleep_for(50ms);
  }
  CAF_CHECK_EQUAL(connections.load(), 3);
}

CAF_TEST(a_server_that_keeps_closing_is_not_dialled_in_a_tight_loop) {
  options.backoff_initial = 200ms;
  options.backoff_max = 200ms;
  connect({serve([](std::string&) { return reaction{"", true}; })});
  const auto until = std::chrono::steady_clock::now() + 1s;
  while (std::chrono::steady_clock::now() < until) {
    call_now(*engine, north);
  }
  CAF_CHECK(connections.load() < 40);
  CAF_CHECK(connections.load() > 1);
}

CAF_TEST(http_errors_become_texts_and_5xx_leads_to_the_next_server) {
  const auto http = [](const std::string& head, const std::string& body) {
    return [=](std::string& received) {
      if (received.find("\r\n\r\n") == std::string::npos) {
        return reaction{};
      }
      received.clear();
      return reaction{head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body};
    };
  };
  const auto busy =
      "http://" + serve(http("HTTP/1.1 503 Service Unavailable\r\n", "{\"error\": \"too busy\"}"));
  const auto odd = "http://" + serve(http("HTTP/1.1 404 Not Found\r\n", "<html>"));
  connect({busy, odd});
  CAF_CHECK_EQUAL(text_of(call_now(*engine, north)),
                  "error: the server refused: " + busy + ": HTTP 503: too busy");
  CAF_CHECK_EQUAL(text_of(call_now(*engine, north)),
                  "error: the server refused: " + odd + ": HTTP 404 Not Found");
  const auto json = "http://" + serve(http("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n",
                                           "{\"targets\": [{\"target\": [\"j\"]}]}"));
  connect({json});
  CAF_CHECK_EQUAL(text_of(call_now(*engine, north)), "j");
  const auto close = "http://" + serve([](std::string&) {
                       return reaction{"HTTP/1.0 200 OK\r\n\r\n\x81\xa7targets\xc0", true};
                     });
  connect({close});
  CAF_CHECK_EQUAL(text_of(call_now(*engine, north)), "");
  CAF_CHECK_EQUAL(text_of(call_now(*engine, north)), "");
  const auto none =
      "http://" + serve([](std::string&) { return reaction{"no http at all\r\n\r\n"}; });
  connect({none});
  CAF_CHECK(has(text_of(call_now(*engine, north)), "connection lost: " + none));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace client_faults_suite
