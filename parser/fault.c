#include "parser/fault.h"

#ifdef POLLWATCH_FAULTS

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/mem.h"

static void fault_crash(void)
{
    abort();
}

static void fault_loop(void)
{
    static volatile uint64_t turns;

    for (;;)
        turns++;
}

/* Huge pages where there are any, so that it grows faster than any time limit runs out. */
static void fault_memory(void)
{
    size_t n = (size_t)64 << 20;

    for (;;) {
        char *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (p == MAP_FAILED)
            _exit(MEM_EXIT_STATUS);
        madvise(p, n, MADV_HUGEPAGE);
        for (size_t i = 0; i < n; i += 4096)
            ((volatile char *)p)[i] = 1;
    }
}

static void fault_open(void)
{
    if (open("/etc/passwd", O_RDONLY) >= 0) // NOLINT(cert-*): the cage must not let it return
        abort();
}

static const struct {
    struct span word;
    void (*act)(void);
} faults[] = {
    {{"crash", 5}, fault_crash},
    {{"loop", 4}, fault_loop},
    {{"memory", 6}, fault_memory},
    {{"open", 4}, fault_open},
};

void fault_in_document(struct span body)
{
    struct span mark = SPAN_LIT("pollwatch-fault: ");

    if (!span_starts(body, mark))
        return;
    body = span_from(body, mark.n);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        if (span_starts(body, faults[i].word))
            faults[i].act();
    }
}

#endif
