# pollwatch_test(NAME SOURCES… LIBRARIES…): one Criterion program as one ctest test.
#
# Criterion reports a test whose process leaks as passed (the leak report comes after the verdict), and
# a filter that matches nothing as success; so the output decides too.
function(pollwatch_test name)
    cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LIBRARIES;LABELS" ${ARGN})
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE pollwatch_build ${arg_LIBRARIES} PkgConfig::criterion m)
    target_compile_definitions(${name} PRIVATE
        TEST_BIN_DIR="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}"
        TEST_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    set_target_properties(${name} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    add_test(NAME ${name} COMMAND ${name})
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 300)
    endif()
    set_tests_properties(${name} PROPERTIES
        TIMEOUT ${arg_TIMEOUT}
        LABELS "${arg_LABELS}"
        FAIL_REGULAR_EXPRESSION "Sanitizer;runtime error:;Tested: 0 ")
endfunction()
