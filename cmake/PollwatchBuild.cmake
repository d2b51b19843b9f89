# How every target is compiled: the language, the warnings, the sanitizers.
include(GNUInstallDirs)

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

add_library(pollwatch_build INTERFACE)
target_compile_definitions(pollwatch_build INTERFACE
    _GNU_SOURCE POLLWATCH_VERSION="${PROJECT_VERSION}")
target_include_directories(pollwatch_build INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(pollwatch_build INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wformat=2 -Wundef -Wvla -Wstrict-prototypes
    -Wmissing-prototypes
    -fstack-protector-strong -fno-common)
if(POLLWATCH_WERROR)
    target_compile_options(pollwatch_build INTERFACE -Werror)
endif()
if(POLLWATCH_FAULTS)
    target_compile_definitions(pollwatch_build INTERFACE POLLWATCH_FAULTS)
endif()
if(POLLWATCH_SANITIZE)
    target_compile_options(pollwatch_build INTERFACE
        -fsanitize=${POLLWATCH_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(pollwatch_build INTERFACE -fsanitize=${POLLWATCH_SANITIZE})
    target_compile_definitions(pollwatch_build INTERFACE POLLWATCH_SANITIZED)
endif()

# Our own code answers to stricter warnings than Criterion's macros can.
add_library(pollwatch_strict INTERFACE)
target_link_libraries(pollwatch_strict INTERFACE pollwatch_build)
target_compile_options(pollwatch_strict INTERFACE
    -Wconversion -Wno-sign-conversion -Wcast-qual -Wwrite-strings)

# Assertions stay on in releases: a crash is restarted, a wrong record is for ever.
foreach(type RELEASE RELWITHDEBINFO MINSIZEREL)
    string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_${type} "${CMAKE_C_FLAGS_${type}}")
endforeach()
if(CMAKE_BUILD_TYPE MATCHES "Rel" AND NOT POLLWATCH_SANITIZE)
    target_compile_definitions(pollwatch_build INTERFACE _FORTIFY_SOURCE=2)
endif()
