#include "parser/fault.h"

#ifdef POLLWATCH_FAULTS

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>

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

static void fault_memory(void)
{
    for (;;) {
        volatile char *p = malloc((size_t)1 << 20);

        if (!p)
            exit(70);
        for (size_t i = 0; i < (size_t)1 << 20; i += 4096)
            p[i] = 1;
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
