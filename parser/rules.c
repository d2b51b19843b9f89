/*
 * The folder of rules as one thing with a version and a digest.
 *
 *     rules/version.yaml
 *     rules/en/bodies.yaml, topics.yaml, …
 *
 * The digest goes over version.yaml and then each language's *.yaml in order of name (bytes, so
 * that it is the same in every locale): of each file its path below `dir`, its length and its
 * bytes, so that moving a line between files changes it as well.
 */
#include "parser/rules.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "common/arena.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/mem.h"
#include "common/yaml.h"
#include "parser/code/rulebook.h"
#include "parser/lexicon.h"

/* All rules of today together have under 1 MiB. */
#define RULE_FILE_BYTES ((size_t)16 * 1024 * 1024)

#define FALLBACK_LANGUAGE SPAN_LIT("en")

struct rules {
    struct arena *arena;
    struct span version;
    char sha256[SHA256_HEX_BYTES + 1];
    LIST_OF(struct language_rules) languages;
};

/* ---- folders ---- */

static int name_compare(const void *a, const void *b)
{
    return strcmp(((const struct span *)a)->p, ((const struct span *)b)->p);
}

/* The entries of `dir` that `wanted` takes, in order of name. */
static int names_list(struct arena *arena, const char *dir,
                      bool (*wanted)(const char *dir, const char *name), text_list *out,
                      struct error *err)
{
    const struct dirent *entry;
    DIR *d = opendir(dir);

    if (!d)
        return error_sys(err, "open %s", dir);
    while ((entry = readdir(d)) != NULL) {
        if (entry->d_name[0] != '.' && wanted(dir, entry->d_name))
            *LIST_ADD(arena, out) = arena_copy(arena, span_of_str(entry->d_name));
    }
    closedir(d);
    if (out->n > 1)
        qsort(out->items, out->n, sizeof *out->items, name_compare);
    return 0;
}

static bool is_folder(const char *dir, const char *name)
{
    struct stat st;
    struct buf path;
    bool found;

    buf_init(&path, PATH_MAX);
    buf_printf(&path, "%s/%s", dir, name);
    found = !path.failed && stat(path.data, &st) == 0 && S_ISDIR(st.st_mode);
    buf_fini(&path);
    return found;
}

/* Rules, and the weights that were learned for them. */
static bool is_rule_file(const char *dir, const char *name)
{
    (void)dir;
    return span_ends(span_of_str(name), SPAN_LIT(".yaml")) ||
           span_ends(span_of_str(name), SPAN_LIT(".bin"));
}

/* ---- digest ---- */

static int file_digest(struct digest *d, const char *dir, const char *name, struct arena *arena,
                       struct error *err)
{
    struct buf content;
    int rc;

    buf_init(&content, RULE_FILE_BYTES);
    rc = file_read(arena_printf(arena, "%s/%s", dir, name).p, &content, err);
    if (rc == 0) {
        digest_add(d, arena_printf(arena, "%s\n%zu\n", name, content.n));
        digest_add(d, buf_span(&content));
    }
    buf_fini(&content);
    return rc;
}

static int language_digest(struct digest *d, const char *dir, struct span language,
                           struct arena *arena, struct error *err)
{
    text_list names = {0};
    int rc =
        names_list(arena, arena_printf(arena, "%s/%s", dir, language.p).p, is_rule_file, &names, err);

    for (size_t i = 0; rc == 0 && i < names.n; i++)
        rc = file_digest(d, dir, arena_printf(arena, "%s/%s", language.p, names.items[i].p).p,
                         arena, err);
    return rc;
}

static int digest_all(struct rules *r, const char *dir, const text_list *languages,
                      struct error *err)
{
    struct digest *d = digest_new();
    int rc = file_digest(d, dir, "version.yaml", r->arena, err);
    struct sha256 sum;

    for (size_t i = 0; rc == 0 && i < languages->n; i++)
        rc = language_digest(d, dir, languages->items[i], r->arena, err);
    sum = digest_end(d);
    sha256_hex(&sum, r->sha256);
    return rc;
}

/* ---- loading ---- */

static int version_load(struct rules *r, const char *dir, struct error *err)
{
    const char *path = arena_printf(r->arena, "%s/version.yaml", dir).p;
    const struct yaml_node *root;
    const struct yaml_node *version;
    int rc = yaml_load_file(path, r->arena, &root, err);

    if (rc < 0)
        return rc;
    version = root->kind == YAML_MAP ? yaml_get(root, "version") : NULL;
    if (!version || version->kind != YAML_SCALAR || version->text.n == 0 || root->n != 1)
        return yaml_error(root, path, err, "must have one key, version, with a text");
    r->version = version->text;
    return 0;
}

static int language_load(struct rules *r, const char *dir, struct span language, struct error *err)
{
    const char *folder = arena_printf(r->arena, "%s/%s", dir, language.p).p;
    struct language_rules *into = LIST_ADD(r->arena, &r->languages);
    int rc;

    into->language = language;
    rc = lexicon_load(folder, &into->lexicon, err);
    if (rc == 0)
        rc = rulebook_load(folder, &into->book, err);
    return rc;
}

static const struct language_rules *language_find(const struct rules *r, struct span language)
{
    for (size_t i = 0; i < r->languages.n; i++) {
        if (span_equal_nocase(r->languages.items[i].language, language))
            return &r->languages.items[i];
    }
    return NULL;
}

static int load(struct rules *r, const char *dir, struct error *err)
{
    text_list languages = {0};
    int rc = version_load(r, dir, err);

    if (rc == 0)
        rc = names_list(r->arena, dir, is_folder, &languages, err);
    for (size_t i = 0; rc == 0 && i < languages.n; i++)
        rc = language_load(r, dir, languages.items[i], err);
    if (rc == 0)
        rc = digest_all(r, dir, &languages, err);
    if (rc == 0 && !language_find(r, FALLBACK_LANGUAGE))
        rc = error_set(err, ERR_CONFIG, "%s: no rules for the language %.*s", dir,
                       SPAN_ARG(FALLBACK_LANGUAGE));
    return rc;
}

int rules_load(const char *dir, struct rules **out, struct error *err)
{
    struct rules *r = xcalloc(1, sizeof *r);
    int rc;

    r->arena = arena_new();
    rc = load(r, dir, err);
    if (rc == 0) {
        *out = r;
        r = NULL; /* now the caller's */
    }
    rules_free(r);
    return rc;
}

void rules_free(struct rules *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->languages.n; i++) {
        lexicon_free(r->languages.items[i].lexicon);
        rulebook_free(r->languages.items[i].book);
    }
    arena_free(r->arena);
    free(r);
}

/* ---- asking ---- */

struct span rules_version(const struct rules *r)
{
    return r->version;
}

struct span rules_sha256(const struct rules *r)
{
    return span_of(r->sha256, SHA256_HEX_BYTES);
}

const struct language_rules *rules_for(const struct rules *r, struct span language)
{
    size_t dash = span_find(language, SPAN_LIT("-"), 0);
    struct span primary = {language.p, dash < language.n ? dash : language.n};
    const struct language_rules *found = language_find(r, primary);

    return found ? found : language_find(r, FALLBACK_LANGUAGE);
}
