#include "xprober/storage/page_checksums.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include <sqlite3.h>

#include "xprober/domain/string_hash.hpp"
#include "xprober/storage/unreadable_place.hpp"

namespace xprober::storage {

namespace {

constexpr const char* vfs_name = "xprober-checked";
constexpr int page_bytes = 4096; ///< SQLite's default, which every file here has
constexpr int header_bytes = 100;
constexpr int reserved_at = 20;
constexpr int content_bytes = page_bytes - page_checksum_bytes;

/// What SQLite sees as the file; the system's own stands behind it in the same memory.
struct checked_file {
  sqlite3_file seen{};
  bool is_log = false;
  bool has_checksums = false;
  unreadable_place unreadable;
};

checked_file& checked(sqlite3_file* file) { return *reinterpret_cast<checked_file*>(file); }

sqlite3_file* real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<checked_file*>(file) + 1);
}

const sqlite3_io_methods& real_methods(sqlite3_file* file) { return *real(file)->pMethods; }

bool is_page(int amount, sqlite3_int64 offset) {
  return amount == page_bytes && offset % page_bytes == 0;
}

std::uint64_t checksum_of(const unsigned char* page, sqlite3_int64 offset) {
  const std::string_view content{reinterpret_cast<const char*>(page), content_bytes};
  const auto sum =
      combine_hash(hash_bytes(content), static_cast<std::uint64_t>(offset / page_bytes));
  return sum != 0 ? sum : 1;
}

/// What the first bytes of a file say (https://sqlite.org/fileformat2.html, 1.3): the size of a
/// page is at 16, the bytes reserved in each at 20.
enum class header { unknown, plain, with_checksums, damaged };

header read_header(const unsigned char* bytes) {
  if (std::memcmp(bytes, "SQLite format 3", 16) != 0) {
    return header::unknown;
  }
  const int size = bytes[16] * 256 + bytes[17];
  const int reserved = bytes[reserved_at];
  if (size != page_bytes || (reserved != 0 && reserved != page_checksum_bytes)) {
    return header::damaged;
  }
  return reserved == 0 ? header::plain : header::with_checksums;
}

std::uint64_t stored_checksum(const unsigned char* page) {
  std::uint64_t stored = 0;
  std::memcpy(&stored, page + content_bytes, sizeof stored);
  return stored;
}

/// False: the page is not what was written. Takes the checksum out: who writes the page without
/// this VFS leaves none behind, not an old one.
bool take_checksum(unsigned char* page, sqlite3_int64 offset) {
  const auto stored = stored_checksum(page);
  std::memset(page + content_bytes, 0, sizeof stored);
  if (stored == 0) {
    return std::any_of(page, page + content_bytes, [](unsigned char c) { return c != 0; });
  }
  return stored == checksum_of(page, offset);
}

/// The first page says that there are no checksums, but has one, of a page that says that there
/// are: the byte that says so has changed.
bool has_lost_its_mark(sqlite3_file* file) {
  std::array<unsigned char, page_bytes> page;
  if (real_methods(file).xRead(real(file), page.data(), page_bytes, 0) != SQLITE_OK ||
      read_header(page.data()) != header::plain) {
    return false;
  }
  page[reserved_at] = page_checksum_bytes;
  const auto stored = stored_checksum(page.data());
  return stored != 0 && stored == checksum_of(page.data(), 0);
}

/// The system calls every error of the device damage of the file system, which SQLite takes for
/// damage of the file.
int read_error(sqlite3_file* file, int code, sqlite3_int64 offset) {
  if (code != SQLITE_IOERR_CORRUPTFS) {
    return code;
  }
  return checked(file).unreadable.failed(offset, monotonic_clock::now()) ? SQLITE_IOERR_DATA
                                                                         : SQLITE_IOERR_READ;
}

/// A page whose beginning alone is in the file. Behind the end there may be some that nobody needs.
bool is_cut_off(sqlite3_file* file, int amount, sqlite3_int64 offset) {
  sqlite3_int64 size = 0;
  return checked(file).has_checksums && is_page(amount, offset) &&
         real_methods(file).xFileSize(real(file), &size) == SQLITE_OK && size > offset;
}

int read(sqlite3_file* file, void* to, int amount, sqlite3_int64 offset) {
  const int code = real_methods(file).xRead(real(file), to, amount, offset);
  auto& state = checked(file);
  if (code == SQLITE_IOERR_SHORT_READ && is_cut_off(file, amount, offset)) {
    return SQLITE_IOERR_DATA;
  }
  if (code != SQLITE_OK) {
    return read_error(file, code, offset);
  }
  state.unreadable.was_read(offset);
  if (state.is_log) {
    return SQLITE_OK;
  }
  auto* bytes = static_cast<unsigned char*>(to);
  if (offset == 0 && amount >= header_bytes) {
    const auto found = read_header(bytes);
    if (found == header::damaged || (found == header::plain && has_lost_its_mark(file))) {
      return SQLITE_IOERR_DATA;
    }
    state.has_checksums = found == header::with_checksums;
  }
  const bool good =
      !state.has_checksums || !is_page(amount, offset) || take_checksum(bytes, offset);
  return good ? SQLITE_OK : SQLITE_IOERR_DATA;
}

int write(sqlite3_file* file, const void* from, int amount, sqlite3_int64 offset) {
  const auto* bytes = static_cast<const unsigned char*>(from);
  auto& state = checked(file);
  if (offset == 0 && amount >= header_bytes && !state.is_log) {
    state.has_checksums = read_header(bytes) == header::with_checksums;
  }
  if (!state.has_checksums || !is_page(amount, offset)) {
    return real_methods(file).xWrite(real(file), from, amount, offset);
  }
  std::array<unsigned char, page_bytes> page;
  std::memcpy(page.data(), bytes, content_bytes);
  const auto sum = checksum_of(bytes, offset);
  std::memcpy(page.data() + content_bytes, &sum, sizeof sum);
  return real_methods(file).xWrite(real(file), page.data(), amount, offset);
}

// -- passed on as they are ------------------------------------------------------------------------

int close(sqlite3_file* f) { return real_methods(f).xClose(real(f)); }
int truncate(sqlite3_file* f, sqlite3_int64 size) {
  return real_methods(f).xTruncate(real(f), size);
}
int sync(sqlite3_file* f, int flags) { return real_methods(f).xSync(real(f), flags); }
int file_size(sqlite3_file* f, sqlite3_int64* size) {
  return real_methods(f).xFileSize(real(f), size);
}
int lock(sqlite3_file* f, int level) { return real_methods(f).xLock(real(f), level); }
int unlock(sqlite3_file* f, int level) { return real_methods(f).xUnlock(real(f), level); }
int check_reserved_lock(sqlite3_file* f, int* out) {
  return real_methods(f).xCheckReservedLock(real(f), out);
}
int file_control(sqlite3_file* f, int what, void* argument) {
  return real_methods(f).xFileControl(real(f), what, argument);
}
int sector_size(sqlite3_file* f) { return real_methods(f).xSectorSize(real(f)); }
int device_characteristics(sqlite3_file* f) {
  return real_methods(f).xDeviceCharacteristics(real(f));
}
int shm_map(sqlite3_file* f, int page, int size, int extend, void volatile** at) {
  return real_methods(f).xShmMap(real(f), page, size, extend, at);
}
int shm_lock(sqlite3_file* f, int offset, int n, int flags) {
  return real_methods(f).xShmLock(real(f), offset, n, flags);
}
void shm_barrier(sqlite3_file* f) { real_methods(f).xShmBarrier(real(f)); }
int shm_unmap(sqlite3_file* f, int erase) { return real_methods(f).xShmUnmap(real(f), erase); }

sqlite3_vfs* system_vfs() { return sqlite3_vfs_find("unix"); }

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* system = system_vfs();
  if ((flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) == 0) {
    return system->xOpen(system, name, file, flags, out_flags);
  }
  // Version 2 has no memory mapping, which would go past the checksums.
  static const sqlite3_io_methods methods{2,
                                          close,
                                          read,
                                          write,
                                          truncate,
                                          sync,
                                          file_size,
                                          lock,
                                          unlock,
                                          check_reserved_lock,
                                          file_control,
                                          sector_size,
                                          device_characteristics,
                                          shm_map,
                                          shm_lock,
                                          shm_barrier,
                                          shm_unmap,
                                          nullptr,
                                          nullptr};
  auto& state = *std::construct_at(&checked(file));
  state.is_log = (flags & SQLITE_OPEN_WAL) != 0;
  const int code = system->xOpen(system, name, real(file), flags, out_flags);
  // SQLite closes a file that has methods, also one that could not be opened.
  state.seen.pMethods = real(file)->pMethods != nullptr ? &methods : nullptr;
  return code;
}

} // namespace

const char* checked_vfs() {
  static const int registered = [] {
    static sqlite3_vfs vfs = *system_vfs();
    vfs.zName = vfs_name;
    vfs.pNext = nullptr;
    vfs.szOsFile += static_cast<int>(sizeof(checked_file));
    vfs.xOpen = open;
    return sqlite3_vfs_register(&vfs, 0);
  }();
  return registered == SQLITE_OK ? vfs_name : nullptr;
}

} // namespace xprober::storage
