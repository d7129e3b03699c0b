#include "xprober/base/private_files.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace xprober {

namespace {

bool has_mode_bit(const std::string& path, mode_t bit) noexcept {
  struct ::stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         (status.st_mode & bit) != 0;
}

} // namespace

void keep_files_private() noexcept { ::umask(S_IRWXG | S_IRWXO); }

int open_private_file(const std::string& path, int flags) noexcept {
  return ::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, S_IRUSR | S_IWUSR);
}

int create_private_file(const std::string& path) noexcept {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return -1;
  }
  return open_private_file(path, O_WRONLY | O_CREAT | O_EXCL);
}

bool others_can_read(const std::string& path) noexcept { return has_mode_bit(path, S_IROTH); }

bool others_can_write(const std::string& path) noexcept { return has_mode_bit(path, S_IWOTH); }

} // namespace xprober
