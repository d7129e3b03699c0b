#define CAF_SUITE read_file

#include "xprober/base/read_file.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "caf/test/unit_test.hpp"

namespace read_file_suite {

using namespace xprober;

namespace {

/// A folder that goes with the test.
struct folder {
  folder() { std::filesystem::create_directories(path); }
  ~folder() { std::filesystem::remove_all(path); }

  std::string write(const std::string& name, const std::string& text) const {
    const auto file = path + "/" + name;
    std::ofstream{file, std::ios::binary} << text;
    return file;
  }

  std::string path =
      (std::filesystem::temp_directory_path() / ("xprober-files-" + std::to_string(::getpid())))
          .string();
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(read_file_tests, folder)

CAF_TEST(what is no file in reach is refused with its name) {
  const auto gone = path + "/gone";
  CAF_CHECK_EQUAL(read_file(gone, 10).error, gone + ": cannot be read: No such file or directory");
  const auto pipe = path + "/pipe";
  CAF_REQUIRE_EQUAL(::mkfifo(pipe.c_str(), 0600), 0);
  CAF_CHECK_EQUAL(read_file(pipe, 10).error, pipe + ": is a pipe, not a regular file");
  CAF_CHECK_EQUAL(read_file(path, 10).error, path + ": is a directory, not a regular file");
  CAF_CHECK_EQUAL(read_file("/dev/null", 10).error, "/dev/null: is a device, not a regular file");
  const auto large = write("large", std::string(11, ' '));
  CAF_CHECK(has(read_file(large, 10).error, "is larger than 10 bytes"));
  CAF_CHECK_EQUAL(read_file(write("fits", "0123456789"), 10).text, "0123456789");
}

CAF_TEST(a socket is named as one) {
  const auto place = path + "/socket";
  const int number = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ::sockaddr_un address{};
  address.sun_family = AF_UNIX;
  place.copy(address.sun_path, sizeof address.sun_path - 1);
  CAF_REQUIRE_EQUAL(::bind(number, reinterpret_cast<const ::sockaddr*>(&address), sizeof address),
                    0);
  CAF_CHECK_EQUAL(read_file(place, 10).error, place + ": is a socket, not a regular file");
  CAF_CHECK_EQUAL(read_input(place, 10).error, place + ": is a socket, not a regular file");
  CAF_CHECK_EQUAL(file_problem(place), "is a socket, not a regular file");
  ::close(number);
}

CAF_TEST(what a person names may be a pipe but nobody waits for ever) {
  const auto pipe = path + "/pipe";
  CAF_REQUIRE_EQUAL(::mkfifo(pipe.c_str(), 0600), 0);
  const auto briefly = std::chrono::milliseconds{50};
  CAF_CHECK_EQUAL(read_input(pipe, 10, briefly).error,
                  pipe + ": nothing more came out of it in time");
  const int both = ::open(pipe.c_str(), O_RDWR | O_CLOEXEC);
  CAF_CHECK_EQUAL(::write(both, "abc", 3), 3);
  CAF_CHECK(!read_input(pipe, 10, briefly).ok()); // somebody may still write
  ::close(both);
  std::thread writer{[&] {
    std::ofstream out{pipe};
    out << "a: ";
    out.flush();
    out << "b\n";
  }};
  const auto read = read_input(pipe, 10, std::chrono::seconds{10});
  writer.join();
  CAF_CHECK_EQUAL(read.error, "");
  CAF_CHECK_EQUAL(read.text, "a: b\n");
  CAF_CHECK_EQUAL(read_input("/dev/null", 10).error, "");
  CAF_CHECK_EQUAL(read_input(write("file", "x"), 10).text, "x");
  CAF_CHECK_EQUAL(file_problem(pipe), "is a pipe, not a regular file");
  CAF_CHECK_EQUAL(file_problem(path + "/file"), "");
  CAF_CHECK_EQUAL(file_problem(path + "/gone"), "cannot be read: No such file or directory");
}

CAF_TEST(of a secret line ends and a byte order mark go and nothing else) {
  const auto secret = [&](const std::string& text) {
    return read_secret_file("key", write("secret", text));
  };
  CAF_CHECK_EQUAL(secret("secret").text, "secret");
  CAF_CHECK_EQUAL(secret("secret \n").text, "secret ");
  CAF_CHECK_EQUAL(secret("\xEF\xBB\xBF\tsecret\r\n\r\n").text, "\tsecret");
  CAF_CHECK_EQUAL(secret("p\xC3\xA4ss w\xC3\xB6rd").text, "p\xC3\xA4ss w\xC3\xB6rd");
  CAF_CHECK_EQUAL(secret(" ").text, " ");
}

CAF_TEST(a file without a secret is named with its key) {
  const auto problem = [&](const std::string& text) {
    const auto file = write("secret", text);
    const auto read = read_secret_file("a.token_file", file);
    CAF_CHECK_EQUAL(read.text, "");
    CAF_CHECK(read.error.starts_with("a.token_file: " + file + ": "));
    return read.error;
  };
  CAF_CHECK(has(problem(""), "is empty"));
  CAF_CHECK(has(problem("\r\n"), "is empty"));
  CAF_CHECK(has(problem("\xEF\xBB\xBF\n"), "is empty"));
  CAF_CHECK(has(problem("a\nb\n"), "more than one line"));
  CAF_CHECK(has(problem(std::string{"a\0b", 3}), "control character"));
  CAF_CHECK(has(problem(std::string(65537, 'x')), "is larger than 64 KiB"));
  CAF_CHECK(read_secret_file("k", path).error.starts_with("k: " + path + ": is a directory"));
}

CAF_TEST(a secret that everybody can write is none) {
  const auto file = write("secret", "secret");
  ::chmod(file.c_str(), 0602);
  const auto open = read_secret_file("k", file).error;
  CAF_CHECK(has(open, "k: " + file + ": everybody on this machine can write to it"));
  ::chmod(file.c_str(), 0644);
  CAF_CHECK_EQUAL(read_secret_file("k", file).error, "");
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace read_file_suite
