#include "common/self.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "common/timestamp.h"

void self_init(struct self *self)
{
    char host[64] = "localhost";
    uint64_t random = 0;

    if (gethostname(host, sizeof host - 1) < 0)
        snprintf(host, sizeof host, "localhost");
    snprintf(self->name, sizeof self->name, "%s:%ld", host, (long)getpid());
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        random = wall_ms() ^ (uint64_t)getpid() << 48;
    snprintf(self->instance, sizeof self->instance, "%016" PRIx64, random);
}
