#include <criterion/criterion.h>
#include <dirent.h>
#include <unistd.h>

#include "sample.h"
#include "sink/index.h"

static char dir[64];
static struct arena *arena;
static struct error err;
static struct index *ix;
static bool moved;

static void open_index(void)
{
    cr_assert_eq(index_open(in_dir(dir, "index.sqlite"), &moved, &ix, &err), 0, "%s", err.message);
}

static void setup(void)
{
    make_dir(dir);
    arena = arena_new();
    open_index();
}

static void teardown(void)
{
    index_close(ix);
    arena_free(arena);
    remove_dir(dir);
}

TestSuite(index, .init = setup, .fini = teardown, .timeout = 60);

static void add(int number, uint64_t seq, uint64_t offset)
{
    struct coded_statement c;

    sample_make(&(struct sample){number, number, number, number, 1, NULL, NULL}, arena, &c);
    c.statement.seq = seq;
    cr_assert_eq(index_add(ix, &c, (struct index_place){1, offset}, &err), 0, "%s", err.message);
}

static int find(int number, struct index_commit *out)
{
    return index_find_commit(ix, arena_printf(arena, "st_%016d", number),
                             arena_printf(arena, "ve_%016d", number), SPAN_LIT("rules"), out, &err);
}

Test(index, what_is_committed_is_found_after_reopening)
{
    struct index_commit found;

    cr_assert_eq(index_begin(ix, &err), 0);
    add(1, 1, 0);
    cr_assert_eq(index_commit(ix, &err), 0);
    index_close(ix);
    open_index();

    cr_assert(!moved);
    cr_assert_eq(find(1, &found), 0);
    cr_assert_eq(found.first_seq, 1);
    cr_assert_eq(found.records, 2);
    cr_assert_eq(find(2, &found), ERR_NOT_FOUND);
    cr_assert_eq(index_counts(ix).last_seq, 2);
    cr_assert_eq(index_counts(ix).statements, 1);
    cr_assert_eq(index_counts(ix).findings, 1);
}

Test(index, what_is_not_committed_is_gone_after_reopening)
{
    struct index_commit found;

    cr_assert_eq(index_begin(ix, &err), 0);
    add(1, 1, 0);
    cr_assert_eq(find(1, &found), 0, "seen in its own transaction");
    index_close(ix);
    open_index();

    cr_assert_eq(find(1, &found), ERR_NOT_FOUND);
    cr_assert_eq(index_counts(ix).last_seq, 0);
}

Test(index, a_place_is_that_of_the_last_statement_before)
{
    struct index_place place;

    cr_assert_eq(index_begin(ix, &err), 0);
    add(1, 1, 0);
    add(2, 3, 700);
    cr_assert_eq(index_commit(ix, &err), 0);

    cr_assert_eq(index_find_place(ix, 2, &place, &err), 0);
    cr_assert_eq(place.offset, 0);
    cr_assert_eq(index_find_place(ix, 99, &place, &err), 0);
    cr_assert_eq(place.offset, 700);
    cr_assert_eq(index_find_place(ix, 0, &place, &err), ERR_NOT_FOUND);
}

static int files_moved_aside(void)
{
    DIR *d = opendir(dir);
    struct dirent *entry;
    int n = 0;

    while ((entry = readdir(d)))
        n += strstr(entry->d_name, ".bad-") != NULL;
    closedir(d);
    return n;
}

Test(index, a_damaged_file_is_moved_aside)
{
    index_close(ix);
    unlink(in_dir(dir, "index.sqlite-wal"));
    write_whole(in_dir(dir, "index.sqlite"), SPAN_LIT("this is no database, this is a poem, "
                                                      "and it is longer than any header is"));

    open_index();

    cr_assert(moved);
    cr_assert_geq(files_moved_aside(), 1);
    cr_assert_eq(index_counts(ix).last_seq, 0);
}

Test(index, another_layout_is_moved_aside)
{
    struct buf file;

    index_close(ix);
    read_whole(in_dir(dir, "index.sqlite"), &file);
    file.data[63] = 9; /* user_version, big-endian at 60 */
    write_whole(in_dir(dir, "index.sqlite"), buf_span(&file));
    buf_fini(&file);

    open_index();

    cr_assert(moved);
}
