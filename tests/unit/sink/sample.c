#include "sample.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"

void make_dir(char dir[64])
{
    snprintf(dir, 64, "/tmp/pollwatch-sink-XXXXXX");
    cr_assert(mkdtemp(dir));
}

void make_fast_dir(char dir[64])
{
    snprintf(dir, 64, "/dev/shm/pollwatch-sink-XXXXXX");
    if (!mkdtemp(dir))
        make_dir(dir);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

void remove_dir(const char *dir)
{
    cr_assert_eq(nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

const char *in_dir(const char *dir, const char *name)
{
    static char paths[8][512];
    static int next;
    char *path = paths[next++ % 8];

    snprintf(path, sizeof paths[0], "%s/%s", dir, name);
    return path;
}

static struct finding make_finding(const struct statement *s, int n, uint32_t ordinal,
                                   struct arena *arena)
{
    struct finding f = {
        .schema = SPAN_LIT(FINDING_SCHEMA),
        .finding_id = arena_printf(arena, "fi_%016d", n),
        .statement_id = s->statement_id,
        .version_id = s->version_id,
        .ordinal = ordinal,
        .type = TYPE_ASSESSMENT,
        .topic = TOPIC_EDAY_VOTING,
        .polarity = POLARITY_POSITIVE,
        .election_ref = REF_MAIN,
        .confidence = CONFIDENCE_HIGH,
    };

    f.evidence = (struct evidence){.start = 0, .end = 6, .end_cp = 6, .exact = SPAN_LIT("Voting")};
    f.evidence.sentence_end = 16;
    return f;
}

void sample_make(const struct sample *s, struct arena *arena, struct coded_statement *out)
{
    struct statement *st = &out->statement;

    *out = (struct coded_statement){0};
    st->schema = SPAN_LIT(STATEMENT_SCHEMA);
    st->statement_id = arena_printf(arena, "st_%016d", s->statement);
    st->version_id = arena_printf(arena, "ve_%016d", s->version);
    st->work_id = arena_printf(arena, "wk_%016d", s->work);
    st->url = st->canonical_url = arena_printf(arena, "file:///%d.txt", s->statement);
    st->source = SPAN_LIT("test");
    st->title = SPAN_LIT("Observers, and \"others\"");
    st->text = SPAN_LIT("Voting was calm.");
    *LIST_ADD(arena, &st->countries) = SPAN_LIT("KZ");
    LIST_ADD(arena, &st->issuers)->slug = SPAN_LIT("osce-odihr");
    st->issuers.items[0].role = ROLE_ISSUER;
    st->issuers.items[0].name_as_written = SPAN_LIT("ODIHR");
    st->provenance.raw_sha256 = SPAN_LIT("00");
    st->provenance.rules_sha256 = span_of_str(s->rules ? s->rules : "rules");
    st->provenance.tool_version = SPAN_LIT("0");
    st->provenance.fetched_at = span_of_str(s->fetched_at ? s->fetched_at : "2026-01-01T00:00:00Z");
    st->findings = (uint32_t)s->findings;
    for (int i = 0; i < s->findings; i++)
        *LIST_ADD(arena, &out->findings) =
            make_finding(st, s->first_finding + i, (uint32_t)i + 1, arena);
}

void sample_pack(const struct sample *s, struct buf *packed, struct msg_result *head,
                 struct arena *arena)
{
    struct coded_statement c;

    sample_make(s, arena, &c);
    buf_clear(packed);
    coded_statement_pack(&c, packed);
    *head = (struct msg_result){.lease = {.task_id = (uint64_t)s->statement, .attempt = 1},
                                .fetcher = SPAN_LIT("0123456789abcdef"),
                                .statement_id = c.statement.statement_id,
                                .version_id = c.statement.version_id,
                                .rules_sha256 = c.statement.provenance.rules_sha256,
                                .records = (uint32_t)s->findings + 1};
}

void read_whole(const char *path, struct buf *out)
{
    struct error err;

    buf_init(out, (size_t)1 << 26);
    cr_assert_eq(file_read(path, out, &err), 0, "%s", err.message);
}

void write_whole(const char *path, struct span bytes)
{
    struct error err;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    cr_assert_geq(fd, 0);
    cr_assert_eq(file_write_all(fd, bytes.p, bytes.n, path, &err), 0, "%s", err.message);
    close(fd);
}

int file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static void count_damage(void *arg, const char *path, uint64_t offset, const char *reason)
{
    struct tally *t = arg;

    (void)path;
    (void)offset;
    (void)reason;
    t->damages++;
}

struct tally tally_file(const char *path)
{
    struct tally t = {0};
    struct group_reader *g;
    struct group group;
    struct error err;
    int rc;

    cr_assert_eq(group_reader_open(path, count_damage, &t, &g, &err), 0, "%s", err.message);
    while ((rc = group_read_next(g, &group, &err)) > 0) {
        t.groups++;
        t.records += group.records;
        t.last_seq = group.first_seq + group.records - 1;
    }
    cr_assert_eq(rc, 0, "%s", err.message);
    group_reader_close(g);
    return t;
}
