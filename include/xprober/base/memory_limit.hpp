#pragma once

#include <cstdint>
#include <filesystem>

namespace xprober {

/// The least limit of memory among those of this process's control group and the ones above it, in
/// bytes; 0: there is none, or it cannot be read. cgroup v2 (`memory.max`) and v1
/// (`memory.limit_in_bytes`), as Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst
/// of Linux have them. In a container, whose groups may be mounted under another path than the
/// process knows, that of the container. `root` is that of the file system.
std::uint64_t memory_limit_of_group(const std::filesystem::path& root = "/");

/// What a process can hold where nothing limits it: four fifths of the machine's memory
/// (`MemTotal` of proc(5)), in bytes; 0 where that cannot be read. Beyond it the kernel looks for
/// somebody to kill, and mostly it is who holds most.
std::uint64_t memory_limit_of_machine(const std::filesystem::path& root = "/");

} // namespace xprober
