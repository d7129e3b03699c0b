#define CAF_SUITE metadata
#include <array>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "xprober/app/metadata.hpp"

#include "caf/test/unit_test.hpp"

namespace metadata_suite {

using namespace xprober::app;
using xprober::config::found_text;
using namespace std::chrono_literals;

namespace {

/// A metadata service on loopback: one connection after the other, each with one request that
/// `answer` gets whole and answers on the socket.
class metadata_service {
public:
  using answer = std::function<void(int socket, const std::string& request)>;

  explicit metadata_service(answer a) : answer_(std::move(a)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener_, 8) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      CAF_FAIL("cannot listen on loopback");
    }
    port_ = ntohs(address.sin_port);
    stop_ = ::eventfd(0, EFD_CLOEXEC);
    thread_ = std::thread{[this] { serve(); }};
  }

  ~metadata_service() { close(); }

  /// Ends the service: its port is refused from now on.
  void close() {
    if (thread_.joinable()) {
      const std::uint64_t one = 1;
      CAF_CHECK(::write(stop_, &one, sizeof(one)) == sizeof(one));
      thread_.join();
      ::close(listener_);
      ::close(stop_);
    }
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  /// After `close`: the requests that came.
  const std::vector<std::string>& requests() const { return requests_; }

private:
  void serve() {
    while (wait_for(listener_)) {
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      std::string request;
      std::array<char, 4096> buffer{};
      while (request.find("\r\n\r\n") == std::string::npos && wait_for(socket)) {
        const auto n = ::recv(socket, buffer.data(), buffer.size(), 0);
        if (n <= 0) {
          break;
        }
        request.append(buffer.data(), static_cast<std::size_t>(n));
      }
      requests_.push_back(request);
      answer_(socket, request);
      ::close(socket);
    }
  }

  /// True when there is something to read, false when the service is to end.
  bool wait_for(int descriptor) const {
    std::array<pollfd, 2> both{{{descriptor, POLLIN, 0}, {stop_, POLLIN, 0}}};
    ::poll(both.data(), both.size(), -1);
    return both[1].revents == 0;
  }

  answer answer_;
  int listener_ = -1;
  int stop_ = -1;
  std::uint16_t port_ = 0;
  std::vector<std::string> requests_;
  std::thread thread_;
};

void send(int socket, const std::string& text) {
  ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
}

void respond(int socket, const std::string& status, const std::string& body) {
  send(socket, "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) +
                   "\r\n\r\n" + body);
}

bool is_put(const std::string& request) { return request.starts_with("PUT "); }

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// What a service that refuses tokens and answers `body` to the rest leads to.
found_text with_zone(const std::string& status, const std::string& body) {
  metadata_service service{[&](int socket, const std::string& request) {
    is_put(request) ? respond(socket, "405 Method Not Allowed", "") : respond(socket, status, body);
  }};
  return detect_region(service.url());
}

std::chrono::milliseconds since(std::chrono::steady_clock::time_point begun) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               begun);
}

} // namespace

CAF_TEST(version 2 asks with a token) {
  metadata_service service{[](int socket, const std::string& request) {
    if (is_put(request)) {
      respond(socket, "200 OK", "AQAEtoken==");
    } else if (has(request, "X-aws-ec2-metadata-token: AQAEtoken==\r\n")) {
      respond(socket, "200 OK", "us-east-1a");
    } else {
      respond(socket, "401 Unauthorized", "");
    }
  }};
  const auto found = detect_region(service.url());
  service.close();
  CAF_CHECK_EQUAL(found.error, "");
  CAF_CHECK_EQUAL(found.value, "us-east-1");
  CAF_REQUIRE_EQUAL(service.requests().size(), 2u);
  const auto& put = service.requests()[0];
  CAF_CHECK(put.starts_with("PUT /latest/api/token HTTP/1.1\r\n"));
  CAF_CHECK(has(put, "X-aws-ec2-metadata-token-ttl-seconds: 60\r\n"));
  CAF_CHECK(has(put, "Host: 127.0.0.1:"));
  CAF_CHECK(has(put, "Content-Length: 0\r\n"));
  CAF_CHECK(service.requests()[1].starts_with(
      "GET /latest/meta-data/placement/availability-zone HTTP/1.1\r\n"));
}

CAF_TEST(version 1 is asked where there are no tokens) {
  for (const auto* status :
       {"403 Forbidden", "404 Not Found", "405 Method Not Allowed", "500 Internal Server Error"}) {
    metadata_service service{[&](int socket, const std::string& request) {
      is_put(request) ? respond(socket, status, "no") : respond(socket, "200 OK", "cn-north-1b");
    }};
    const auto found = detect_region(service.url() + "/");
    service.close();
    CAF_CHECK_EQUAL(found.value, "cn-north-1");
    CAF_REQUIRE_EQUAL(service.requests().size(), 2u);
    CAF_CHECK(!has(service.requests()[1], "metadata-token"));
  }
}

CAF_TEST(a token that could break a header is not used) {
  metadata_service service{[](int socket, const std::string& request) {
    is_put(request) ? respond(socket, "200 OK", "a\r\nX-Evil: 1")
                    : respond(socket, "200 OK", "eu-west-1c");
  }};
  const auto found = detect_region(service.url());
  service.close();
  CAF_CHECK_EQUAL(found.value, "eu-west-1");
  CAF_CHECK(!has(service.requests().at(1), "Evil"));
}

CAF_TEST(a token that never comes leaves time for version 1) {
  metadata_service service{[](int socket, const std::string& request) {
    if (is_put(request)) {
      // Until the agent gives up.
      char ignored = 0;
      ::recv(socket, &ignored, 1, 0);
    } else {
      respond(socket, "200 OK", "eu-west-1c");
    }
  }};
  const auto found = detect_region(service.url(), 600ms);
  CAF_CHECK_EQUAL(found.value, "eu-west-1");
}

CAF_TEST(unusable answers are errors that say what to do) {
  const std::vector<std::pair<std::string, std::string>> answers{
      {"404 Not Found", "us-east-1a"},
      {"302 Found", "us-east-1a"},
      {"200 OK", ""},
      {"200 OK", "<html>captive portal</html>"},
      {"200 OK", "us-east-1"},
      {"200 OK", std::string(65, 'a')},
      {"200 OK", std::string(100000, 'a')},
      {"200 OK", "us-east-1a\nsecond line"},
      {"200 OK", std::string("\0\x1b[2J", 5)},
  };
  for (const auto& [status, body] : answers) {
    const auto found = with_zone(status, body);
    CAF_MESSAGE(found.error);
    CAF_CHECK(!found.ok());
    CAF_CHECK_EQUAL(found.value, "");
    CAF_CHECK(has(found.error, "PUT http://127.0.0.1:"));
    CAF_CHECK(has(found.error, "status 405"));
    CAF_CHECK(has(found.error, "/latest/meta-data/placement/availability-zone"));
    CAF_CHECK(has(found.error, "set region"));
    CAF_CHECK(!has(found.error, "\n") && !has(found.error, "\x1b"));
  }
}

CAF_TEST(what is no HTTP is an error) {
  for (const std::string text : {"", "SSH-2.0-OpenSSH_9\r\n", "HTTP/1.1 200 OK\r\nContent-"}) {
    metadata_service service{[&](int socket, const std::string&) { send(socket, text); }};
    const auto found = detect_region(service.url());
    CAF_MESSAGE(found.error);
    CAF_CHECK(!found.ok());
    CAF_CHECK(has(found.error, "receive: "));
  }
}

CAF_TEST(headers without end are cut off) {
  metadata_service service{[](int socket, const std::string&) {
    send(socket, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 2000; ++i) {
      send(socket, "X-Header-" + std::to_string(i) + ": value\r\n");
    }
  }};
  const auto found = detect_region(service.url());
  CAF_MESSAGE(found.error);
  CAF_CHECK(!found.ok());
}

CAF_TEST(a refused connection is an error at once) {
  metadata_service service{[](int, const std::string&) {}};
  service.close();
  const auto begun = std::chrono::steady_clock::now();
  const auto found = detect_region(service.url());
  CAF_MESSAGE(found.error);
  CAF_CHECK(has(found.error, "Connection refused"));
  CAF_CHECK(since(begun) < 1s);
}

CAF_TEST(a service that drips cannot take longer than the limit) {
  metadata_service service{[](int socket, const std::string&) {
    send(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    // A byte every 20 ms until the agent has gone.
    for (int i = 0; i < 500; ++i) {
      pollfd gone{socket, POLLIN, 0};
      if (::poll(&gone, 1, 20) > 0) {
        return;
      }
      send(socket, "a");
    }
  }};
  const auto begun = std::chrono::steady_clock::now();
  const auto found = detect_region(service.url(), 500ms);
  const auto took = since(begun);
  CAF_MESSAGE(found.error);
  CAF_CHECK(has(found.error, "no answer in time"));
  CAF_CHECK(took >= 450ms && took < 1500ms);
}

CAF_TEST(a service that says nothing cannot take longer than the limit) {
  // Connections wait in the backlog of a listener that nobody serves.
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  CAF_REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0);
  CAF_REQUIRE(::listen(listener, 1) == 0);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  const auto begun = std::chrono::steady_clock::now();
  const auto found =
      detect_region("http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)), 500ms);
  ::close(listener);
  CAF_CHECK(has(found.error, "no answer in time"));
  CAF_CHECK(since(begun) < 1500ms);
}

CAF_TEST(a URL that is none is not asked) {
  for (const auto* url : {"", "nonsense", "https://127.0.0.1", "http://metadata.example"}) {
    const auto found = detect_region(url);
    CAF_CHECK(!found.ok());
    CAF_CHECK(has(found.error, "metadata_url"));
    CAF_CHECK(has(found.error, "set region"));
  }
}

} // namespace metadata_suite
