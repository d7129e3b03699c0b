#pragma once

namespace xprober {

/// Lets the C library keep up to 16 MiB of freed memory in each of its heaps (mallopt(3)). By
/// default a heap gives what is free at its end back to the kernel beyond 128 KiB: an engine whose
/// probes come and go in groups did so at nearly every probe, which was 20 of 80 µs of CPU of an
/// HTTP probe. For the whole process; call it first.
void keep_freed_memory() noexcept;

/// Gives what is free in all heaps back to the kernel (malloc_trim(3)). May take a second where the
/// heaps are large: not for a thread that others wait for.
void release_freed_memory() noexcept;

} // namespace xprober
