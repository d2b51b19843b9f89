/*
 * A small HTTP server in a forked child, for tests only; stopped by its pid.
 *
 *   /echo          the request itself as text/plain
 *   /page          200 with ETag "v1" and Last-Modified; 304 when either comes back
 *   /big           3 MB, /endless nothing but zeros until the client hangs up
 *   /bomb          20 MB of zeros in some kilobytes of gzip
 *   /gzip          "unpacked" in gzip
 *   /silent        no answer, ever
 *   /busy          503 with Retry-After: 7
 *   /gone          404
 *   /moved         302 to /page;  /moved-here?URL 302 to URL
 *   /loop          302 to itself
 *   /type          Content-Type: Text/HTML ; charset="ISO-8859-15"
 *   /odd           header fields with bytes that are no text
 *   /file/NAME     the scratch file NAME
 */
#ifndef TESTS_UNIT_FETCHER_SERVER_H
#define TESTS_UNIT_FETCHER_SERVER_H

#include <stdint.h>

/* Listens on `address` (dotted) and a free port, which is returned. */
uint16_t server_start(const char *address);
void server_stop(void);

#endif
