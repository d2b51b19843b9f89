#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/yaml.h"

static struct arena *arena;
static struct error err;

static void setup(void)
{
    arena = arena_new();
}

static void teardown(void)
{
    arena_free(arena);
}

TestSuite(yaml, .init = setup, .fini = teardown, .timeout = 60);

static const struct yaml_node *load(const char *text)
{
    const struct yaml_node *root = NULL;

    cr_assert(yaml_load(span_of_str(text), "f.yaml", arena, &root, &err) == 0, "%s", err.message);
    return root;
}

static void assert_scalar(const struct yaml_node *node, const char *text, unsigned line)
{
    cr_assert(node && node->kind == YAML_SCALAR);
    cr_assert(span_equal_str(node->text, text), "got %.*s, want %s", SPAN_ARG(node->text), text);
    cr_assert(node->text.p[node->text.n] == '\0');
    cr_assert(node->line == line, "line %u, want %u", node->line, line);
}

Test(yaml, a_tree_keeps_order_and_lines)
{
    const struct yaml_node *root = load("# comment\n"
                                        "a: 1\n"
                                        "b:\n"
                                        "  - x\n"
                                        "  - {k: v,\n"
                                        "     l: [p, q]}\n"
                                        "c: |\n"
                                        "  two\n"
                                        "  lines\n");
    const struct yaml_node *b = yaml_get(root, "b");

    cr_assert(root->kind == YAML_MAP && root->n == 3 && root->line == 2);
    assert_scalar(root->keys[0], "a", 2);
    assert_scalar(root->items[0], "1", 2);
    cr_assert(b->kind == YAML_LIST && b->n == 2);
    assert_scalar(b->items[0], "x", 4);
    cr_assert(b->items[1]->kind == YAML_MAP && b->items[1]->line == 5);
    assert_scalar(yaml_get(b->items[1], "k"), "v", 5);
    cr_assert(yaml_get(b->items[1], "l")->n == 2);
    assert_scalar(yaml_get(b->items[1], "l")->items[1], "q", 6);
    assert_scalar(yaml_get(root, "c"), "two\nlines\n", 7);
}

Test(yaml, scalars_stay_text)
{
    const struct yaml_node *root = load("[no, 010, 1.50, ~, '~', \"\", 2026-11-25, 'it''s']\n");
    static const struct {
        const char *text;
        bool is_quoted;
    } want[] = {{"no", false}, {"010", false}, {"1.50", false},       {"~", false},
                {"~", true},   {"", true},     {"2026-11-25", false}, {"it's", true}};

    cr_assert(root->n == ARRAY_LEN(want));
    for (size_t i = 0; i < root->n; i++) {
        assert_scalar(root->items[i], want[i].text, 1);
        cr_assert(root->items[i]->is_quoted == want[i].is_quoted, "item %zu", i);
    }
}

Test(yaml, get_finds_a_key_or_nothing)
{
    const struct yaml_node *root = load("{a: 1, '': 2}\n");

    assert_scalar(yaml_get(root, "a"), "1", 1);
    assert_scalar(yaml_get(root, ""), "2", 1);
    cr_assert(yaml_get(root, "b") == NULL);
    cr_assert(yaml_get(yaml_get(root, "a"), "b") == NULL);
}

static const char *const empties[] = {"",      "\n\n",       "# only a comment\n",
                                      "---\n", "---\n...\n", "\xef\xbb\xbf"};

Test(yaml, nothing_is_an_empty_map)
{
    for (size_t i = 0; i < ARRAY_LEN(empties); i++) {
        const struct yaml_node *root = load(empties[i]);

        cr_assert(root->kind == YAML_MAP && root->n == 0 && root->line == 1, "row %zu", i);
        cr_assert(yaml_get(root, "a") == NULL);
    }
}

/* a literal with its length, as a NUL may stand in it */
#define TEXT(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static const struct {
    struct span text;
    const char *want;
} wrong[] = {
    {TEXT("a: 1\nb: 2\na: 3\n"), "f.yaml:3: the key a stands here again (line 1)"},
    {TEXT("x:\n  {k: 1, j: 2,\n   k: 3}\n"), "f.yaml:3: the key k stands here again (line 2)"},
    {TEXT("a: &x 1\nb: *x\n"), "f.yaml:1: anchors and aliases are not allowed here"},
    {TEXT("a: 1\nb: *x\n"), "f.yaml:2: anchors and aliases are not allowed here"},
    {TEXT("a: !!str 1\n"), "f.yaml:1: tags are not allowed here"},
    {TEXT("a: !!set {b}\n"), "f.yaml:1: tags are not allowed here"},
    {TEXT("? [a]\n: b\n"), "f.yaml:1: a key must be a single word or text"},
    {TEXT("{{a: b}: c}\n"), "f.yaml:1: a key must be a single word or text"},
    {TEXT("a: 1\n---\nb: 2\n"), "f.yaml:2: a second document begins; there may be only one"},
    {TEXT("a: [1\nb: 2\n"), "f.yaml:2: did not find expected ',' or ']'"},
    {TEXT("a: 1\n b: 2\n"), "f.yaml:2: mapping values are not allowed in this context"},
    {TEXT("a: 1\nb: \xff\n"), "f.yaml:2: invalid leading UTF-8 octet"},
    {TEXT("a: 1\nb: \0\n"), "f.yaml:2: control characters are not allowed"},
    {TEXT("a: 1\nb: @x\n"), "f.yaml:2: found character that cannot start any token"},
};

Test(yaml, what_is_wrong_is_said_with_its_line)
{
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        const struct yaml_node *root = NULL;

        cr_assert(yaml_load(wrong[i].text, "f.yaml", arena, &root, &err) == ERR_CONFIG, "row %zu",
                  i);
        cr_assert(strcmp(err.message, wrong[i].want) == 0, "row %zu: %s", i, err.message);
        cr_assert(root == NULL);
    }
}

static const struct yaml_node *load_nested(size_t depth)
{
    char text[256];
    const struct yaml_node *root = NULL;
    int rc;

    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    rc = yaml_load(span_of(text, 2 * depth), "f.yaml", arena, &root, &err);
    cr_assert((rc == 0) == (root != NULL));
    return root;
}

Test(yaml, nesting_is_capped_at_16)
{
    cr_assert(load_nested(16));
    cr_assert(!load_nested(17));
    cr_assert(strcmp(err.message, "f.yaml:1: nested too deeply") == 0, "%s", err.message);
    cr_assert(!load_nested(100));
}

Test(yaml, a_map_of_many_keys_is_checked_fast)
{
    struct buf text;
    const struct yaml_node *root;

    buf_init(&text, 16 * 1024 * 1024);
    for (unsigned i = 0; i < 50000; i++)
        buf_printf(&text, "key%u: %u\n", i, i);
    cr_assert(yaml_load(buf_span(&text), "f.yaml", arena, &root, &err) == 0);
    cr_assert(root->n == 50000);
    assert_scalar(root->items[49999], "49999", 50000);

    buf_add_str(&text, "key7: again\n");
    cr_assert(yaml_load(buf_span(&text), "f.yaml", arena, &root, &err) == ERR_CONFIG);
    cr_assert(strcmp(err.message, "f.yaml:50001: the key key7 stands here again (line 8)") == 0,
              "%s", err.message);
    buf_fini(&text);
}

Test(yaml, over_16_mib_is_a_limit)
{
    size_t n = 16 * 1024 * 1024 + 1;
    char *text = malloc(n);
    const struct yaml_node *root;

    memset(text, '#', n);
    cr_assert(yaml_load(span_of(text, n), "f.yaml", arena, &root, &err) == ERR_LIMIT);

    free(text);
}

Test(yaml, a_file_is_named_in_its_errors)
{
    char path[] = "/tmp/test_yaml.XXXXXX";
    int fd = mkstemp(path);
    char want[64];
    const struct yaml_node *root;

    cr_assert(fd >= 0 && write(fd, "a: 1\na: 2\n", 10) == 10);
    close(fd);
    snprintf(want, sizeof want, "%s:2: the key a", path);

    cr_assert(yaml_load_file(path, arena, &root, &err) == ERR_CONFIG);
    cr_assert(strncmp(err.message, want, strlen(want)) == 0, "%s", err.message);
    unlink(path);
    cr_assert(yaml_load_file(path, arena, &root, &err) == ERR_SYS);
    cr_assert(strstr(err.message, path));
}

Test(yaml, errors_of_our_own_read_the_same)
{
    const struct yaml_node *root = load("a: 1\nb: 2\n");

    cr_assert(yaml_error(root->items[1], "f.yaml", &err, "%s is wrong", "b") == ERR_CONFIG);
    cr_assert(strcmp(err.message, "f.yaml:2: b is wrong") == 0);
    cr_assert(err.pos == 2);
}
