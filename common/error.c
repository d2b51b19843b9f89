#include "common/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static int set(struct error *err, enum err code, uint64_t pos, const char *format, va_list args)
{
    err->code = code;
    err->sys = 0;
    err->pos = pos;
    vsnprintf(err->message, sizeof err->message, format, args);
    return code;
}

int error_set(struct error *err, enum err code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    set(err, code, ERROR_NO_POSITION, format, args);
    va_end(args);
    return code;
}

int error_at(struct error *err, enum err code, uint64_t pos, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    set(err, code, pos, format, args);
    va_end(args);
    return code;
}

int error_sys(struct error *err, const char *format, ...)
{
    int sys = errno;
    size_t used;
    va_list args;

    va_start(args, format);
    set(err, ERR_SYS, ERROR_NO_POSITION, format, args);
    va_end(args);
    err->sys = sys;
    used = strlen(err->message);
    snprintf(err->message + used, sizeof err->message - used, ": %s", strerror(sys));
    return ERR_SYS;
}

static int sys_exit_status(int sys)
{
    if (sys == EACCES || sys == EPERM || sys == EROFS)
        return EX_NOPERM;
    if (sys == ENOENT || sys == ENOTDIR || sys == EISDIR)
        return EX_NOINPUT;
    if (sys == ENOSPC || sys == EDQUOT || sys == EIO)
        return EX_IOERR;
    return EX_OSERR;
}

int error_exit_status(const struct error *err)
{
    switch ((enum err)err->code) {
    case ERR_OK:
        return EX_OK;
    case ERR_SYS:
        return sys_exit_status(err->sys);
    case ERR_FORMAT:
    case ERR_LIMIT:
    case ERR_UNSUPPORTED:
        return EX_DATAERR;
    case ERR_CONFIG:
        return EX_CONFIG;
    case ERR_VERSION:
        return EX_PROTOCOL;
    case ERR_NOT_FOUND:
        return EX_NOINPUT;
    case ERR_NET:
    case ERR_FULL:
    case ERR_GONE:
        return EX_UNAVAILABLE;
    case ERR_STATE:
        return EX_SOFTWARE;
    }
    return EX_SOFTWARE;
}
