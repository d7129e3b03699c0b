# Warnings, hardening, sanitizers and ccache, on one interface target that every module links.
add_library(xprober_compiler INTERFACE)
# -pthread everywhere, as some libraries demand it and precompiled headers want the same options.
target_compile_options(xprober_compiler INTERFACE -pthread
  -Wall -Wextra -Werror -Wpedantic -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
  # Clang does not know all names of g++'s, and warns of what libstdc++ 12 itself does in std::stable_sort.
  "$<$<CXX_COMPILER_ID:Clang>:-Wno-unknown-warning-option;-Wno-deprecated-declarations>"
  # False positives of g++ 12 in library templates at -O2.
  -Wno-error=maybe-uninitialized -Wno-error=stringop-overflow -Wno-error=restrict
  -Wno-error=array-bounds -Wno-error=stringop-overread -Wno-error=free-nonheap-object
  -Wno-error=null-dereference -Wno-error=dangling-pointer -Wno-error=mismatched-new-delete)
# Where several sources are compiled as one, names of the one are global to the next.
if(NOT XPROBER_UNITY)
  target_compile_options(xprober_compiler INTERFACE -Wshadow)
endif()
if(XPROBER_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Its collector of garbage runs once 128 MB are in use: a tenth of the time of a unit with coroutines.
  target_compile_options(xprober_compiler INTERFACE "SHELL:--param ggc-min-heapsize=400000")
endif()
target_compile_definitions(xprober_compiler INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE
  XPROBER_VERSION="${PROJECT_VERSION}")
target_include_directories(xprober_compiler INTERFACE "${PROJECT_SOURCE_DIR}/include")

# What is shipped is optimised, without sanitizers and hardened; scripts/check_hardening.py looks at it.
# -fPIE and not CMake's POSITION_INDEPENDENT_CODE: that compiles static libraries with -fPIC, which keeps
# the compiler from inlining. glibc demands optimisation for _FORTIFY_SOURCE, so targets that are compiled
# with -O0 in every build (tests) say so with the property XPROBER_UNOPTIMISED.
if(NOT XPROBER_SANITIZE)
  set(optimised "$<CONFIG:Release,RelWithDebInfo,MinSizeRel>")
  set(fortified "$<AND:${optimised},$<NOT:$<BOOL:$<TARGET_PROPERTY:XPROBER_UNOPTIMISED>>>>")
  target_compile_options(xprober_compiler INTERFACE
    "$<${optimised}:-fPIE;-fstack-protector-strong>"
    # So that the linker can lay functions side by side (cmake/start_order.cmake) and leave out the unused.
    "$<${fortified}:-ffunction-sections;-fdata-sections>"
    # A distribution's compiler may define it by itself.
    "$<${fortified}:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2>")
  target_link_options(xprober_compiler INTERFACE
    "$<${optimised}:-pie;LINKER:-z,relro;LINKER:-z,now;LINKER:-z,noexecstack>")
  # The addresses that a PIE corrects at its start in a twentieth of the room: each start reads them all.
  include(CheckLinkerFlag)
  check_linker_flag(CXX "LINKER:-z,pack-relative-relocs" XPROBER_PACKS_RELOCATIONS)
  if(XPROBER_PACKS_RELOCATIONS)
    target_link_options(xprober_compiler INTERFACE "$<${optimised}:LINKER:-z,pack-relative-relocs>")
  endif()
endif()

if(XPROBER_SANITIZE)
  target_compile_options(xprober_compiler INTERFACE
    -fsanitize=${XPROBER_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all
    # CAF's intrusive queues downcast their sentinel node.
    -fno-sanitize=vptr)
  target_link_options(xprober_compiler INTERFACE -fsanitize=${XPROBER_SANITIZE})
  if(XPROBER_SANITIZE MATCHES "thread")
    # The sanitizer does not follow atomic_thread_fence. Asio counts references with fences where it has
    # std::atomic, else with Boost's counters; its blocks of handlers need none, as its queues have mutexes.
    # What still uses a fence is warned of.
    target_compile_definitions(xprober_compiler INTERFACE
      BOOST_ASIO_DISABLE_STD_ATOMIC BOOST_ASIO_DISABLE_FENCED_BLOCK)
    target_compile_options(xprober_compiler INTERFACE -Wno-error=tsan)
  endif()
endif()

if(XPROBER_FUZZ)
  # Warnings are g++'s business: Clang has others, and does not know all of these names.
  target_compile_options(xprober_compiler INTERFACE -Wno-error -Wno-unknown-warning-option
    # libstdc++ 12 checks its preconditions then.
    -D_GLIBCXX_ASSERTIONS)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # The precompiled headers need this sloppiness, as ccache's manual says. They are told apart by a sum
  # beside each (xprober_headers), and what a source includes is the compiler's word: else each miss costs
  # two thirds of its compilation again, and each hit as much as the headers take to be hashed.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_PCH_EXTSUM=true
    CCACHE_DEPEND=true CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} ${CCACHE_PROGRAM})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
  elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
  endif()
endif()
