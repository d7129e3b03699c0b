# xprober_split_symbols(TARGET)
# With XPROBER_STRIP, strips the program after it was linked. Its symbols stay beside it as
# PROGRAM.debug, which the program names in .gnu_debuglink: gdb, perf and addr2line find them there.
option(XPROBER_STRIP "Strip the program; its symbols go to xprober.debug beside it" OFF)

function(xprober_split_symbols target)
  if(NOT XPROBER_STRIP)
    return()
  endif()
  set(program "$<TARGET_FILE_NAME:${target}>")
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND "${CMAKE_OBJCOPY}" --only-keep-debug "${program}" "${program}.debug"
    COMMAND "${CMAKE_OBJCOPY}" --strip-all "--add-gnu-debuglink=${program}.debug" "${program}"
    WORKING_DIRECTORY "$<TARGET_FILE_DIR:${target}>"
    BYPRODUCTS "${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/${target}.debug"
    VERBATIM)
endfunction()
