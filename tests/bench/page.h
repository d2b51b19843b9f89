/*
 * A page of the size and make of real ones around a text.
 *
 * Of 181 pages of news sites and public bodies, the middle one had 115 KB, a third of them script
 * and style, 11 tags in a KB, and 4 KB of prose. These are as dense and somewhat smaller.
 */
#ifndef POLLWATCH_TESTS_BENCH_PAGE_H
#define POLLWATCH_TESTS_BENCH_PAGE_H

#include "common/buf.h"

/* Appends a page of about `page_bytes` with a paragraph for each line of `text`. */
void page_wrap(struct span title, struct span text, size_t page_bytes, struct buf *out);

#endif
