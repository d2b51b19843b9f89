/* What a service calls itself to its peers. */
#ifndef POLLWATCH_COMMON_SELF_H
#define POLLWATCH_COMMON_SELF_H

#define SELF_NAME_BYTES     128
#define SELF_INSTANCE_BYTES 17

struct self {
    char name[SELF_NAME_BYTES];         /* host:pid, for people */
    char instance[SELF_INSTANCE_BYTES]; /* 16 random hex digits, new at each start */
};

void self_init(struct self *self);

#endif
