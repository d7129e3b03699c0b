# xprober_headers(NAME [UNOPTIMISED] [LINK libs...] HEADERS headers...)
# Headers that are compiled once for all who name NAME as their PCH: Asio's take nine seconds. UNOPTIMISED:
# for tests, whose options are others.
function(xprober_headers name)
  cmake_parse_arguments(ARG "UNOPTIMISED" "" "LINK;HEADERS" ${ARGN})
  add_library(${name} OBJECT "${PROJECT_SOURCE_DIR}/cmake/headers.cpp")
  target_link_libraries(${name} PRIVATE xprober_compiler ${ARG_LINK})
  if(ARG_UNOPTIMISED)
    xprober_test_options(${name})
  endif()
  target_precompile_headers(${name} PRIVATE ${ARG_HEADERS})
  if(CMAKE_DISABLE_PRECOMPILE_HEADERS)
    return()
  endif()
  # For ccache, which would read 200 MB for each source.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    set(ending pch)
  else()
    set(ending gch)
  endif()
  set(compiled "${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${name}.dir/cmake_pch.hxx.${ending}")
  add_custom_command(OUTPUT "${compiled}.sum" DEPENDS "${compiled}"
    COMMAND ${CMAKE_COMMAND} -E sha256sum "${compiled}" > "${compiled}.sum")
  add_custom_target(${name}_sum DEPENDS "${compiled}.sum")
endfunction()

# xprober_use_headers(TARGET HEADERS)
function(xprober_use_headers target headers)
  target_precompile_headers(${target} REUSE_FROM ${headers})
  if(TARGET ${headers}_sum)
    add_dependencies(${target} ${headers}_sum)
  endif()
endfunction()

# Test code is not measured: unoptimised and, beside an optimised program, without debug information it
# compiles in half of the time. CAF's test headers are not
# clean of our warnings, and sources that are compiled as one look like headers to -Wsubobject-linkage.
function(xprober_test_options name)
  set_target_properties(${name} PROPERTIES XPROBER_UNOPTIMISED ON)
  target_compile_options(${name} PRIVATE -O0 "$<$<CONFIG:RelWithDebInfo>:-g0>" -Wno-old-style-cast -Wno-shadow -Wno-pedantic
    -Wno-subobject-linkage)
endfunction()

# How many sources are compiled as one. What they instantiate of CAF, Asio and nlohmann_json takes longer
# than they do: units of 24 take two thirds of the time of units of 8, and up to 3 GB of memory.
set(XPROBER_UNITY_BATCH 24)

# xprober_module(NAME [DIRS folders-of-src...] [LINK libs...] [PCH headers])
# A static library xprober_NAME of all sources right in the folders src/DIRS (default: NAME).
function(xprober_module name)
  cmake_parse_arguments(ARG "" "PCH" "DIRS;LINK" ${ARGN})
  if(NOT ARG_DIRS)
    set(ARG_DIRS ${name})
  endif()
  list(TRANSFORM ARG_DIRS REPLACE "(.+)" "${PROJECT_SOURCE_DIR}/src/\\1/*.cpp")
  file(GLOB sources CONFIGURE_DEPENDS ${ARG_DIRS})
  if(NOT sources)
    add_library(xprober_${name} INTERFACE)
    target_link_libraries(xprober_${name} INTERFACE xprober_compiler ${ARG_LINK})
    return()
  endif()
  add_library(xprober_${name} STATIC ${sources})
  if(XPROBER_UNITY)
    # What is compiled as one looks like a header to -Wsubobject-linkage.
    set_target_properties(xprober_${name} PROPERTIES
      UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${XPROBER_UNITY_BATCH})
    target_compile_options(xprober_${name} PRIVATE -Wno-subobject-linkage)
  endif()
  target_link_libraries(xprober_${name} PUBLIC xprober_compiler ${ARG_LINK})
  if(ARG_PCH)
    xprober_use_headers(xprober_${name} ${ARG_PCH})
  endif()
endfunction()

# What tests may take is for an optimised build on a usual machine; with sanitizers it is several times slower.
if(NOT XPROBER_TIME_FACTOR MATCHES "^[1-9][0-9]*$")
  message(FATAL_ERROR "XPROBER_TIME_FACTOR is '${XPROBER_TIME_FACTOR}', not a whole number from 1 on")
endif()
set(xprober_time_factor ${XPROBER_TIME_FACTOR})
if(XPROBER_SANITIZE)
  math(EXPR xprober_time_factor "4 * ${XPROBER_TIME_FACTOR}")
endif()

add_custom_target(unit_tests COMMENT "Every program of unit tests")

# xprober_tests(NAME [DIRS folders-of-tests...] [LINK libs...] [PCH headers])
# One program tests_NAME of all files right in the folders tests/DIRS (default: NAME), and one test
# unit.NAME.FILE for each of them.
# The suite of a file has the file's name, and so has the namespace that keeps its names from the others':
# several files are compiled as one, since what they instantiate of CAF and Asio takes longer than they do.
function(xprober_tests name)
  cmake_parse_arguments(ARG "" "PCH" "DIRS;LINK" ${ARGN})
  if(NOT ARG_DIRS)
    set(ARG_DIRS ${name})
  endif()
  list(TRANSFORM ARG_DIRS REPLACE "(.+)" "${PROJECT_SOURCE_DIR}/tests/\\1/*.cpp")
  file(GLOB sources CONFIGURE_DEPENDS ${ARG_DIRS})
  if(NOT sources)
    return()
  endif()
  add_executable(tests_${name} ${sources} $<TARGET_OBJECTS:tests_main>)
  add_dependencies(unit_tests tests_${name})
  set_target_properties(tests_${name} PROPERTIES
    UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${XPROBER_UNITY_BATCH} UNITY_BUILD_CODE_BEFORE_INCLUDE "#undef CAF_SUITE")
  target_include_directories(tests_${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  xprober_test_options(tests_${name})
  target_link_libraries(tests_${name} PRIVATE ${ARG_LINK} CAF::core)
  if(ARG_PCH)
    xprober_use_headers(tests_${name} ${ARG_PCH})
  endif()
  math(EXPR timeout "120 * ${xprober_time_factor}")
  foreach(source IN LISTS sources)
    get_filename_component(stem "${source}" NAME_WE)
    # CAF's test framework takes a regular expression, with Clang on libstdc++ a name.
    set(suite "^${stem}$")
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
      set(suite "${stem}")
    endif()
    add_test(NAME unit.${name}.${stem} COMMAND tests_${name} -n -r ${timeout} -s "${suite}")
    # A suite that no longer matches would pass with nothing run.
    set_tests_properties(unit.${name}.${stem} PROPERTIES
      TIMEOUT ${timeout}
      SKIP_REGULAR_EXPRESSION "SKIPPED:"
      FAIL_REGULAR_EXPRESSION "tests: +0\n;checks: +0\n")
    if(XPROBER_SANITIZE MATCHES "thread")
      set_tests_properties(unit.${name}.${stem} PROPERTIES
        ENVIRONMENT "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/cmake/tsan.supp")
    endif()
  endforeach()
endfunction()
