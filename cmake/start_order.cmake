# xprober_start_order(TARGET)
# Lays the functions that a start calls, and their texts, side by side, as they are listed in
# cmake/start_order.txt, which scripts/start_order.py makes. They are a twentieth of the code; where they lie all
# over it nearly every page of it is mapped by each process. And leaves out what nothing calls.
include(CheckLinkerFlag)

function(xprober_start_order target)
  if(XPROBER_SANITIZE OR NOT CMAKE_BUILD_TYPE MATCHES "^(Release|RelWithDebInfo|MinSizeRel)$")
    return()
  endif()
  target_link_options(${target} PRIVATE "LINKER:--gc-sections")
  set(list "${PROJECT_SOURCE_DIR}/cmake/start_order.txt")
  set(script "${PROJECT_BINARY_DIR}/start_order.ld")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${list}")
  file(STRINGS "${list}" names REGEX "^[^#]")
  # A function's code and its tables; its texts, of two alignments, have sections of their own with g++ alone.
  list(TRANSFORM names REPLACE "(.+)" "    *(.text.\\1)" OUTPUT_VARIABLE code)
  list(TRANSFORM names REPLACE "(.+)" "    *(.rodata.\\1 .rodata.\\1.str1.1 .rodata.\\1.str1.8)"
    OUTPUT_VARIABLE texts)
  list(JOIN code "\n" code)
  list(JOIN texts "\n" texts)
  # Parts that are put into the linker's own script (INSERT).
  file(CONFIGURE OUTPUT "${script}" @ONLY CONTENT
    "SECTIONS\n{\n  .text.start_order : {\n@code@\n  }\n}\nINSERT BEFORE .text;
SECTIONS\n{\n  .rodata.start_order : {\n@texts@\n  }\n}\nINSERT BEFORE .rodata;\n")
  check_linker_flag(CXX "LINKER:-T,${script}" XPROBER_ORDERS_FUNCTIONS)
  if(XPROBER_ORDERS_FUNCTIONS)
    target_link_options(${target} PRIVATE "LINKER:-T,${script}")
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS "${script}")
  endif()
endfunction()
