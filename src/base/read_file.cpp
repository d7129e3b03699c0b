#include "xprober/base/read_file.hpp"

#include <algorithm>
#include <cerrno>
#include <span>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xprober/base/private_files.hpp"
#include "xprober/domain/ascii.hpp"
#include "xprober/domain/size_text.hpp"

namespace xprober {

namespace {

/// Closes the file that it has.
class open_file {
public:
  explicit open_file(const std::string& path)
      // Not blocking: opening a pipe that nobody writes to would hang.
      : number(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)), error(errno) {}
  ~open_file() {
    if (number >= 0) {
      ::close(number);
    }
  }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;

  const int number;
  const int error; ///< where the number is negative
};

std::string reason(int error) {
  return "cannot be read: " + std::generic_category().message(error);
}

/// What is wrong with a thing of this mode; empty for a regular file.
std::string_view mode_problem(mode_t mode) noexcept {
  switch (mode & S_IFMT) {
  case S_IFREG: return {};
  case S_IFDIR: return "is a directory, not a regular file";
  case S_IFIFO: return "is a pipe, not a regular file";
  case S_IFSOCK: return "is a socket, not a regular file";
  default: return "is a device, not a regular file";
  }
}

/// The next bytes of a file, 0 at its end, -1 on an error. Waits for them at most `patience`.
ssize_t read_some(int file, std::span<char> out, std::chrono::milliseconds patience) {
  for (;;) {
    if (patience.count() > 0) {
      ::pollfd wait{file, POLLIN, 0};
      const int ready = ::poll(&wait, 1, static_cast<int>(patience.count()));
      if (ready == 0) {
        errno = ETIMEDOUT;
      }
      if (ready == 0 || (ready < 0 && errno != EINTR)) {
        return -1;
      }
    }
    const auto n = ::read(file, out.data(), out.size());
    if (n >= 0 || (errno != EINTR && (errno != EAGAIN || patience.count() == 0))) {
      return n;
    }
  }
}

/// Reads all of an open file.
read_text read_all(int file, const std::string& path, std::uint64_t max_bytes,
                   std::chrono::milliseconds patience) {
  read_text result;
  std::vector<char> buffer(1 << 16);
  for (;;) {
    const auto n = read_some(file, buffer, patience);
    if (n < 0) {
      return {{},
              path + ": " +
                  (errno == ETIMEDOUT ? "nothing more came out of it in time" : reason(errno))};
    }
    if (n == 0) {
      return result;
    }
    result.text.append(buffer.data(), static_cast<std::size_t>(n));
    if (result.text.size() > max_bytes) {
      return {{},
              path + ": is larger than " + size_in_words(max_bytes) +
                  ", which is the most that is read"};
    }
  }
}

/// What is wrong with the kind of thing at `path`, or with an attempt to open it.
std::string problem_of(const std::string& path, int error) {
  struct ::stat status{};
  // Opening a socket fails with a sentence that says nothing to anybody.
  if (::stat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) {
    return std::string{mode_problem(status.st_mode)};
  }
  return reason(error);
}

constexpr std::uint64_t max_secret_bytes = std::uint64_t{64} << 10;

} // namespace

read_text read_file(const std::string& path, std::uint64_t max_bytes) {
  const open_file file{path};
  struct ::stat status{};
  if (file.number < 0) {
    return {{}, path + ": " + problem_of(path, file.error)};
  }
  if (::fstat(file.number, &status) != 0) {
    return {{}, path + ": " + reason(errno)};
  }
  if (const auto problem = mode_problem(status.st_mode); !problem.empty()) {
    return {{}, path + ": " + std::string{problem}};
  }
  return read_all(file.number, path, max_bytes, {});
}

read_text read_input(const std::string& path, std::uint64_t max_bytes,
                     std::chrono::milliseconds patience) {
  struct ::stat status{};
  if (::stat(path.c_str(), &status) != 0 ||
      (!S_ISFIFO(status.st_mode) && !S_ISCHR(status.st_mode))) {
    return read_file(path, max_bytes);
  }
  const open_file file{path};
  return file.number < 0 ? read_text{{}, path + ": " + reason(file.error)}
                         : read_all(file.number, path, max_bytes, patience);
}

std::string file_problem(const std::string& path) {
  struct ::stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    return reason(errno);
  }
  if (const auto problem = mode_problem(status.st_mode); !problem.empty()) {
    return std::string{problem};
  }
  const open_file file{path};
  return file.number < 0 ? reason(file.error) : std::string{};
}

read_text read_secret_file(std::string_view key, const std::string& path) {
  const auto problem = [&](const std::string& text) {
    return read_text{{}, std::string{key} + ": " + text};
  };
  auto secret = read_file(path, max_secret_bytes);
  if (!secret.ok()) {
    return problem(secret.error);
  }
  if (others_can_write(path)) {
    return problem(path +
                   ": everybody on this machine can write to it; take that away (chmod o-w)");
  }
  auto& text = secret.text;
  text.erase(text.find_last_not_of("\r\n") + 1);
  text.erase(0, text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0);
  if (text.empty()) {
    return problem(path + ": is empty; write the secret on its one line");
  }
  const bool clean =
      std::ranges::none_of(text, [](char c) { return ascii::is_control(c) && c != '\t'; });
  return clean ? secret
               : problem(path + ": holds more than one line or a control character; write the "
                                "secret on its one line");
}

} // namespace xprober
