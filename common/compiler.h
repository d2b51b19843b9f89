/* Small attributes and macros that every module may use. */
#ifndef POLLWATCH_COMMON_COMPILER_H
#define POLLWATCH_COMMON_COMPILER_H

#define MUST_USE                         __attribute__((warn_unused_result))
#define PRINTF_LIKE(string_at, first_at) __attribute__((format(printf, string_at, first_at)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
