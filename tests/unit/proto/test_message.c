#include <criterion/criterion.h>

#include "proto/limits.h"
#include "proto/message.h"

static struct arena *arena;
static struct message m;

static void setup(void)
{
    arena = arena_new();
    message_init(&m);
}

static void teardown(void)
{
    message_fini(&m);
    arena_free(arena);
}

TestSuite(message, .init = setup, .fini = teardown);

static int read_back(enum message_kind *kind, union message_head *head, struct span *bulk,
                     struct error *err)
{
    return message_read(m.frames, m.n, arena, kind, head, bulk, err);
}

Test(message, work_comes_back_with_its_document)
{
    struct msg_work work = {
        .lease = {7, 2, 3},
        .url = SPAN_LIT("https://example.org/a"),
        .source = SPAN_LIT("s"),
        .http_status = 200,
    };
    union message_head head;
    enum message_kind kind;
    struct span bulk;
    struct error err;

    message_write(&m, MSG_WORK, &work, SPAN_LIT("<p>body"));
    cr_assert_eq(read_back(&kind, &head, &bulk, &err), 0, "%s", err.message);

    cr_assert_eq(kind, MSG_WORK);
    cr_assert_eq(head.work.lease.task_id, 7);
    cr_assert_eq(head.work.lease.attempt, 2);
    cr_assert_eq(head.work.lease.epoch, 3);
    cr_assert(span_equal(head.work.url, work.url));
    cr_assert(span_is_null(head.work.final_url));
    cr_assert(span_equal(bulk, SPAN_LIT("<p>body")));
}

Test(message, every_kind_that_has_a_head_is_refused_when_the_head_is_no_map)
{
    for (unsigned k = 1; k < MSG_KIND_COUNT; k++) {
        unsigned char tag[2] = {(unsigned char)k, PROTOCOL_VERSION};
        struct span frames[] = {span_of(tag, 2), SPAN_LIT("\x01"), SPAN_LIT("")};
        size_t n = message_type(k)->bulk_limit_bytes > 0 ? 3 : 2;
        union message_head head;
        enum message_kind kind;
        struct span bulk;
        struct error err;
        int rc = message_read(frames, n, arena, &kind, &head, &bulk, &err);

        cr_assert_eq(rc, message_type(k)->shape ? ERR_FORMAT : ERR_UNSUPPORTED, "kind %u", k);
    }
}

Test(message, another_version_is_refused_with_its_kind_known)
{
    struct msg_heartbeat heartbeat = {0};
    union message_head head;
    enum message_kind kind;
    struct span bulk;
    struct error err;

    message_write(&m, MSG_HEARTBEAT, &heartbeat, SPAN_NULL);
    m.tag[1] = PROTOCOL_VERSION + 1;

    cr_assert_eq(read_back(&kind, &head, &bulk, &err), ERR_VERSION);
    cr_assert_eq(kind, MSG_HEARTBEAT);
    cr_assert_str_eq(err.message, "protocol version 2, this is 1");
}

Test(message, wrong_frames_are_refused)
{
    struct msg_heartbeat heartbeat = {0};
    union message_head head;
    enum message_kind kind;
    struct span bulk;
    struct error err;

    message_write(&m, MSG_HEARTBEAT, &heartbeat, SPAN_NULL);

    cr_assert_eq(message_read(m.frames, 0, arena, &kind, &head, &bulk, &err), ERR_FORMAT);
    cr_assert_eq(message_read(m.frames, 1, arena, &kind, &head, &bulk, &err), ERR_FORMAT);
    m.frames[2] = SPAN_LIT("more");
    cr_assert_eq(message_read(m.frames, 3, arena, &kind, &head, &bulk, &err), ERR_FORMAT);
    m.frames[0].n = 1;
    cr_assert_eq(message_read(m.frames, 2, arena, &kind, &head, &bulk, &err), ERR_FORMAT);
}

Test(message, an_oversized_head_or_body_is_refused_unread)
{
    char *big = calloc(1, LIMIT_BODY_BYTES + 1);
    struct msg_work work = {.url = SPAN_LIT("u"), .source = SPAN_LIT("s")};
    union message_head head;
    enum message_kind kind;
    struct span bulk;
    struct error err;

    message_write(&m, MSG_WORK, &work, span_of(big, LIMIT_BODY_BYTES + 1));
    cr_assert_eq(read_back(&kind, &head, &bulk, &err), ERR_LIMIT);
    m.frames[2].n = 1;
    m.frames[1] = span_of(big, LIMIT_HEAD_BYTES + 1);
    cr_assert_eq(read_back(&kind, &head, &bulk, &err), ERR_LIMIT);
    free(big);
}

Test(message, an_unknown_kind_is_refused)
{
    unsigned char tag[2] = {200, PROTOCOL_VERSION};
    struct span frames[] = {span_of(tag, 2), SPAN_LIT("\x80")};
    union message_head head;
    enum message_kind kind;
    struct span bulk;
    struct error err;

    cr_assert_eq(message_read(frames, 2, arena, &kind, &head, &bulk, &err), ERR_UNSUPPORTED);
    cr_assert_eq(kind, MSG_NONE);
}
