#include "xprober/base/read_file.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xprober/domain/ascii.hpp"

namespace xprober {

namespace {

read_text failed(const std::string& path, int error) {
  return {{}, path + ": cannot be read: " + std::generic_category().message(error)};
}

/// Reads all of an open file.
read_text read_all(int file, const std::string& path, std::uint64_t max_bytes) {
  read_text result;
  std::vector<char> buffer(1 << 16);
  for (;;) {
    const auto n = ::read(file, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n < 0) {
      return failed(path, errno);
    }
    if (n == 0) {
      return result;
    }
    result.text.append(buffer.data(), static_cast<std::size_t>(n));
    if (result.text.size() > max_bytes) {
      return {{},
              path + ": is larger than " + std::to_string(max_bytes) +
                  " bytes, which is the most that is read"};
    }
  }
}

constexpr std::uint64_t max_secret_bytes = std::uint64_t{64} << 10;

} // namespace

read_text read_file(const std::string& path, std::uint64_t max_bytes) {
  // Not blocking: opening a pipe that nobody writes to would hang.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) {
    return failed(path, errno);
  }
  struct ::stat status{};
  read_text result;
  if (::fstat(file, &status) != 0) {
    result = failed(path, errno);
  } else if (!S_ISREG(status.st_mode)) {
    result.error = path + ": is not a regular file";
  } else {
    result = read_all(file, path, max_bytes);
  }
  ::close(file);
  return result;
}

read_text read_secret_file(std::string_view key, const std::string& path) {
  const auto problem = [&](const std::string& text) {
    return read_text{{}, std::string{key} + ": " + text};
  };
  auto secret = read_file(path, max_secret_bytes);
  if (!secret.ok()) {
    return problem(secret.error);
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
