# Libraries that few commands use and that read nothing from strangers, linked as archives where the system
# has them: each shared one costs every process 0.1 to 0.3 MB and time at its start, used or not.

# xprober_archives(VARIABLE SHARED NAMES libraries...)
# VARIABLE: the archives of all these libraries, or SHARED where one is missing.
function(xprober_archives variable shared)
  cmake_parse_arguments(ARG "" "" "NAMES" ${ARGN})
  set(found)
  foreach(name IN LISTS ARG_NAMES)
    find_library(XPROBER_ARCHIVE_${name} "lib${name}.a")
    mark_as_advanced(XPROBER_ARCHIVE_${name})
    if(NOT XPROBER_ARCHIVE_${name})
      set(${variable} ${shared} PARENT_SCOPE)
      return()
    endif()
    list(APPEND found "${XPROBER_ARCHIVE_${name}}")
  endforeach()
  set(${variable} ${found} PARENT_SCOPE)
endfunction()

xprober_archives(XPROBER_YAML_CPP yaml-cpp NAMES yaml-cpp)
xprober_archives(XPROBER_NCURSESW "${NCURSESW_LINK_LIBRARIES}" NAMES ncursesw tinfo)
