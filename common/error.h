/*
 * The one error idiom.
 *
 * What can fail returns 0 or a negative `enum err`, and takes a `struct error *` as its last
 * argument, never NULL, which it writes only when it fails. The place that knows the cause sets
 * it; everything above passes it on untouched; one place decides and logs.
 */
#ifndef POLLWATCH_COMMON_ERROR_H
#define POLLWATCH_COMMON_ERROR_H

#include <stdint.h>

#include "common/compiler.h"

enum err {
    ERR_OK = 0,
    ERR_SYS = -1,       /* the operating system said no; errno is in error.sys */
    ERR_FORMAT = -2,    /* the input is not what it claims to be */
    ERR_LIMIT = -3,     /* the input is over a cap */
    ERR_CONFIG = -4,    /* the operator's configuration is wrong */
    ERR_NET = -5,       /* a remote end did not answer, or refused */
    ERR_VERSION = -6,   /* an unknown protocol or format version */
    ERR_NOT_FOUND = -7, /* no such thing */
    ERR_FULL = -8,      /* no room or no credit now; try again later */
    ERR_GONE = -9,      /* the peer is not there any more */
    ERR_STATE = -10, /* the call does not fit the state of things (a stale lease, a closed file) */
    ERR_UNSUPPORTED = -11 /* understood, and not handled here */
};

#define ERROR_MESSAGE_BYTES 512
#define ERROR_NO_POSITION   UINT64_MAX

struct error {
    int code;     /* an enum err */
    int sys;      /* errno, or 0 */
    uint64_t pos; /* byte offset or line where it happened, or ERROR_NO_POSITION */
    char message[ERROR_MESSAGE_BYTES];
};

/* Each sets `err` and returns the code, so that a function can `return error_set(…)`. */
int error_set(struct error *err, enum err code, const char *format, ...) PRINTF_LIKE(3, 4);
int error_at(struct error *err, enum err code, uint64_t pos, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* Appends ": " and the text of errno. */
int error_sys(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* The exit status of sysexits.h that fits. */
int error_exit_status(const struct error *err);

#endif
