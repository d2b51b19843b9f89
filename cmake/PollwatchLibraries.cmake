# The libraries of the distribution, each as one imported target. README.md says what each is for.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

foreach(library IN ITEMS
        "zmq:libzmq>=4.3.4" "msgpack:msgpack" "curl:libcurl>=7.85" "sqlite:sqlite3"
        "vectorscan:libhs" "icu:icu-uc;icu-i18n" "yaml:yaml-0.1" "jansson:jansson"
        "zlib:zlib" "crypto:libcrypto" "seccomp:libseccomp" "xml:libxml-2.0")
    string(REGEX MATCH "^([a-z]+):(.*)$" _ "${library}")
    pkg_check_modules(${CMAKE_MATCH_1} REQUIRED IMPORTED_TARGET ${CMAKE_MATCH_2})
endforeach()

# MyHTML comes without a pkg-config file.
find_path(MYHTML_INCLUDE_DIR myhtml/api.h REQUIRED)
find_library(MYHTML_LIBRARY modest REQUIRED)
add_library(pollwatch_myhtml INTERFACE)
target_include_directories(pollwatch_myhtml SYSTEM INTERFACE ${MYHTML_INCLUDE_DIR})
target_link_libraries(pollwatch_myhtml INTERFACE ${MYHTML_LIBRARY} Threads::Threads m)

if(POLLWATCH_TESTS)
    pkg_check_modules(criterion REQUIRED IMPORTED_TARGET criterion>=2.4)
endif()
