/*
 * Reads the lexicon's files. One function a file, one a row of it; each row says in a table which
 * keys it may have, so that a misspelt key is an error with its line and not a name never met.
 *
 * The foreign ministry of every country comes from templates in bodies.yaml ("Ministry of Foreign
 * Affairs of {country}"), unless a body with its slug ("se-mfa") is written out.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/mem.h"
#include "common/yaml.h"
#include "parser/lexicon_parts.h"

/* More than 30 times what the files hold: a wrong file, not a larger one. */
#define ENTRIES_MAX 100000

struct loading {
    struct lexicon *lexicon;
    const char *file; /* name of the file being read, for errors */
    struct error *err;
    const struct yaml_node *templates; /* of foreign ministries */
    LIST_OF(struct span) parents;      /* slug of the parent of each body, or null */
    LIST_OF(const struct yaml_node *) body_rows;
};

typedef int row_fn(struct loading *l, const struct yaml_node *row);

/* ---- reading a row ---- */

static int check_keys(struct loading *l, const struct yaml_node *row, const char *const *keys)
{
    if (row->kind != YAML_MAP)
        return yaml_error(row, l->file, l->err, "must be a map");
    for (size_t i = 0; i < row->n; i++) {
        const char *const *key = keys;

        while (*key && !span_equal_str(row->keys[i]->text, *key))
            key++;
        if (!*key)
            return yaml_error(row->keys[i], l->file, l->err, "unknown key \"%.*s\"",
                              SPAN_ARG(row->keys[i]->text));
    }
    return 0;
}

/* The text of a key, null when it is not there. */
static struct span text_at(const struct yaml_node *row, const char *key)
{
    const struct yaml_node *node = yaml_get(row, key);

    return node && node->kind == YAML_SCALAR && node->text.n > 0 ? node->text : SPAN_NULL;
}

static int need(struct loading *l, const struct yaml_node *row, const char *key, struct span *out)
{
    *out = text_at(row, key);
    if (span_is_null(*out))
        return yaml_error(row, l->file, l->err, "needs \"%s\"", key);
    return 0;
}

/* "yes", "no" or absent. */
static int truth_at(struct loading *l, const struct yaml_node *row, const char *key,
                    enum truth *out)
{
    struct span text = text_at(row, key);

    *out = TRUTH_UNKNOWN;
    if (span_is_null(text))
        return 0;
    if (!span_equal_str(text, "yes") && !span_equal_str(text, "no"))
        return yaml_error(yaml_get(row, key), l->file, l->err, "\"%s\" is yes or no", key);
    *out = span_equal_str(text, "yes") ? TRUTH_YES : TRUTH_NO;
    return 0;
}

static int add_phrase(struct loading *l, const struct yaml_node *at, struct span phrase,
                      struct mention mention)
{
    struct lexicon *lexicon = l->lexicon;
    struct lexicon_entry *entry;

    if (phrase.n == 0)
        return yaml_error(at, l->file, l->err, "an empty name");
    if (lexicon->entries.n == ENTRIES_MAX)
        return yaml_error(at, l->file, l->err, "over %d names", ENTRIES_MAX);
    entry = LIST_ADD(lexicon->arena, &lexicon->entries);
    *entry = (struct lexicon_entry){
        .mention = mention,
        .phrase = phrase,
        .letters = lexicon_case_of(phrase),
        .is_ignored = false,
    };
    if (entry->letters == CASE_EXACT && mention.form == FORM_NAME)
        entry->mention.form = FORM_ACRONYM;
    return 0;
}

/* Adds each item of the list under `key`; no such key is fine. A single scalar is a list of one. */
static int add_phrases(struct loading *l, const struct yaml_node *row, const char *key,
                       struct mention mention)
{
    const struct yaml_node *list = yaml_get(row, key);
    int rc = 0;

    if (!list)
        return 0;
    if (list->kind == YAML_SCALAR)
        return add_phrase(l, list, list->text, mention);
    if (list->kind != YAML_LIST)
        return yaml_error(list, l->file, l->err, "\"%s\" must be a list", key);
    for (size_t i = 0; rc == 0 && i < list->n; i++) {
        if (list->items[i]->kind != YAML_SCALAR)
            return yaml_error(list->items[i], l->file, l->err, "must be a name");
        rc = add_phrase(l, list->items[i], list->items[i]->text, mention);
    }
    return rc;
}

/* ---- bodies ---- */

static const char *const body_kind_names[] = {"other",      "igo",       "state", "ngo",
                                              "collective", "publisher", NULL};

static int body_kind_at(struct loading *l, const struct yaml_node *row, enum body_kind *out)
{
    struct span text = text_at(row, "kind");

    *out = BODY_OTHER;
    if (span_is_null(text))
        return 0;
    for (int i = 0; body_kind_names[i]; i++) {
        if (span_equal_str(text, body_kind_names[i])) {
            *out = (enum body_kind)i;
            return 0;
        }
    }
    return yaml_error(yaml_get(row, "kind"), l->file, l->err, "unknown kind \"%.*s\"",
                      SPAN_ARG(text));
}

static struct body *add_body(struct loading *l, const struct yaml_node *row, struct span slug,
                             struct span parent)
{
    struct arena *arena = l->lexicon->arena;
    struct body *body = arena_alloc(arena, sizeof *body);

    *LIST_ADD(arena, &l->lexicon->bodies) = body;
    *LIST_ADD(arena, &l->parents) = parent;
    *LIST_ADD(arena, &l->body_rows) = row;
    body->slug = slug;
    return body;
}

static int read_body(struct loading *l, const struct yaml_node *row)
{
    static const char *const keys[] = {"slug",   "name",    "also", "kind",  "parent",
                                       "holder", "country", "from", "until", NULL};
    struct span slug;
    struct span name;
    struct body *body;
    struct mention mention = {.kind = MENTION_BODY};
    int rc = check_keys(l, row, keys);

    if (rc < 0)
        return rc;
    rc = need(l, row, "slug", &slug);
    if (rc == 0)
        rc = need(l, row, "name", &name);
    if (rc < 0)
        return rc;
    if (lexicon_body(l->lexicon, slug))
        return yaml_error(row, l->file, l->err, "slug \"%.*s\" is there twice", SPAN_ARG(slug));
    body = add_body(l, row, slug, text_at(row, "parent"));
    body->name = name;
    body->holder = span_is_null(text_at(row, "holder")) ? slug : text_at(row, "holder");
    body->country = text_at(row, "country");
    body->valid_from = text_at(row, "from");
    body->valid_until = text_at(row, "until");
    rc = body_kind_at(l, row, &body->kind);
    if (rc < 0)
        return rc;
    mention.body = body;
    rc = add_phrase(l, row, name, mention);
    return rc < 0 ? rc : add_phrases(l, row, "also", mention);
}

static int resolve_parents(struct loading *l)
{
    for (size_t i = 0; i < l->lexicon->bodies.n; i++) {
        struct span parent = l->parents.items[i];
        struct body *body = l->lexicon->bodies.items[i];

        if (span_is_null(parent))
            continue;
        body->parent = lexicon_body(l->lexicon, parent);
        if (!body->parent || body_is_within(body->parent, body))
            return yaml_error(l->body_rows.items[i], l->file, l->err,
                              "parent \"%.*s\" is not there, or a circle", SPAN_ARG(parent));
    }
    return 0;
}

/* ---- countries, and their foreign ministries ---- */

static struct span lower_case(struct arena *arena, struct span s)
{
    char *p = arena_alloc(arena, s.n + 1);

    for (size_t i = 0; i < s.n; i++)
        p[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] + 'a' - 'A') : s.p[i];
    return span_of(p, s.n);
}

/* The template with its slot filled; null when it has another slot. */
static struct span fill(struct arena *arena, struct span template, const char *slot,
                        struct span value)
{
    size_t at = span_find(template, span_of_str(slot), 0);
    size_t after = at + span_of_str(slot).n;

    if (at == SIZE_MAX)
        return SPAN_NULL;
    return arena_printf(arena, "%.*s%.*s%.*s", (int)at, template.p, SPAN_ARG(value),
                        SPAN_ARG(span_from(template, after)));
}

static int fill_all(struct loading *l, const struct yaml_node *values, const char *slot,
                    struct mention mention)
{
    size_t n = values ? (values->kind == YAML_LIST ? values->n : 1) : 0;
    int rc = 0;

    for (size_t v = 0; v < n; v++) {
        struct span value = values->kind == YAML_LIST ? values->items[v]->text : values->text;

        for (size_t i = 0; rc == 0 && i < l->templates->n; i++) {
            struct span phrase = fill(l->lexicon->arena, l->templates->items[i]->text, slot, value);

            if (!span_is_null(phrase))
                rc = add_phrase(l, values, phrase, mention);
        }
    }
    return rc;
}

static int add_ministry(struct loading *l, const struct yaml_node *row,
                        const struct country *country)
{
    struct arena *arena = l->lexicon->arena;
    struct span slug = arena_printf(arena, "%.*s-mfa", SPAN_ARG(country->slug));
    struct mention mention = {.kind = MENTION_BODY};
    struct body *body;
    int rc;

    if (!l->templates || lexicon_body(l->lexicon, slug))
        return 0;
    body = add_body(l, row, slug, SPAN_NULL);
    body->name =
        arena_printf(arena, "Ministry of Foreign Affairs of %.*s", SPAN_ARG(country->name));
    body->kind = BODY_STATE;
    body->holder = country->slug;
    body->country = country->code;
    mention.body = body;
    rc = fill_all(l, yaml_get(row, "name"), "{country}", mention);
    return rc < 0 ? rc : fill_all(l, yaml_get(row, "adjectives"), "{adjective}", mention);
}

static int read_country(struct loading *l, const struct yaml_node *row)
{
    static const char *const keys[] = {"code", "name", "also", "adjectives", "capital", NULL};
    struct arena *arena = l->lexicon->arena;
    struct country *country = arena_alloc(arena, sizeof *country);
    struct mention mention = {.kind = MENTION_COUNTRY, .country = country};
    int rc = check_keys(l, row, keys);

    if (rc == 0)
        rc = need(l, row, "code", &country->code);
    if (rc == 0)
        rc = need(l, row, "name", &country->name);
    if (rc < 0)
        return rc;
    if (lexicon_country(l->lexicon, country->code))
        return yaml_error(row, l->file, l->err, "\"%.*s\" is there twice", SPAN_ARG(country->code));
    country->slug = lower_case(arena, country->code);
    *LIST_ADD(arena, &l->lexicon->countries) = country;
    rc = add_phrase(l, row, country->name, mention);
    if (rc == 0)
        rc = add_phrases(l, row, "also", mention);
    mention.form = FORM_ADJECTIVE;
    if (rc == 0)
        rc = add_phrases(l, row, "adjectives", mention);
    mention.form = FORM_CAPITAL;
    if (rc == 0)
        rc = add_phrases(l, row, "capital", mention);
    return rc < 0 ? rc : add_ministry(l, row, country);
}

/* ---- elections, offices, genres ---- */

static int read_election(struct loading *l, const struct yaml_node *row)
{
    static const char *const keys[] = {"words", "type",  "level", "chamber", "country",
                                       "round", "early", "vote",  "act",     NULL};
    struct election_kind *kind = arena_alloc(l->lexicon->arena, sizeof *kind);
    enum truth is_vote = TRUTH_UNKNOWN;
    enum truth is_act = TRUTH_UNKNOWN;
    int rc = check_keys(l, row, keys);

    if (rc == 0)
        rc = truth_at(l, row, "early", &kind->early);
    if (rc == 0)
        rc = truth_at(l, row, "vote", &is_vote);
    if (rc == 0)
        rc = truth_at(l, row, "act", &is_act);
    if (rc < 0)
        return rc;
    kind->is_act = is_act == TRUTH_YES;
    kind->is_vote = is_vote == TRUTH_YES || kind->is_act;
    kind->type = text_at(row, "type");
    kind->level = text_at(row, "level");
    kind->chamber = text_at(row, "chamber");
    kind->country = text_at(row, "country");
    kind->round = text_at(row, "round");
    return add_phrases(l, row, "words",
                       (struct mention){.kind = MENTION_ELECTION, .election = kind});
}

/* A type, and the countries where "the elections" without more are of it. */
static int read_system(struct loading *l, const struct yaml_node *row)
{
    static const char *const keys[] = {"type", "countries", NULL};
    const struct yaml_node *list = yaml_get(row, "countries");
    struct span type = SPAN_NULL;
    int rc = check_keys(l, row, keys);

    if (rc == 0)
        rc = need(l, row, "type", &type);
    if (rc < 0)
        return rc;
    if (!list || list->kind != YAML_LIST)
        return yaml_error(row, l->file, l->err, "\"countries\" must be a list");
    for (size_t i = 0; i < list->n; i++) {
        struct country *country = NULL;

        for (size_t k = 0; k < l->lexicon->countries.n && !country; k++) {
            if (span_equal(l->lexicon->countries.items[k]->code, list->items[i]->text))
                country = l->lexicon->countries.items[k];
        }
        if (!country)
            return yaml_error(list->items[i], l->file, l->err, "unknown country");
        country->usual_election = type;
    }
    return 0;
}

static int read_office(struct loading *l, const struct yaml_node *row)
{
    static const char *const keys[] = {"name", "also", "title", "speech", NULL};
    struct office *office = arena_alloc(l->lexicon->arena, sizeof *office);
    struct mention mention = {.kind = MENTION_OFFICE, .office = office};
    enum truth title = TRUTH_UNKNOWN;
    enum truth speech = TRUTH_UNKNOWN;
    int rc = check_keys(l, row, keys);

    if (rc == 0)
        rc = need(l, row, "name", &office->name);
    if (rc == 0)
        rc = truth_at(l, row, "title", &title);
    if (rc == 0)
        rc = truth_at(l, row, "speech", &speech);
    if (rc < 0)
        return rc;
    office->is_title = title == TRUTH_YES;
    office->is_speech = speech == TRUTH_YES;
    rc = add_phrase(l, row, office->name, mention);
    return rc < 0 ? rc : add_phrases(l, row, "also", mention);
}

static int read_genre(struct loading *l, const struct yaml_node *row)
{
    static const char *const keys[] = {"genre", "words", NULL};
    struct span name = SPAN_NULL;
    int genre;
    int rc = check_keys(l, row, keys);

    if (rc == 0)
        rc = need(l, row, "genre", &name);
    if (rc < 0)
        return rc;
    genre = name_value(genre_names, name);
    if (genre == 0)
        return yaml_error(row, l->file, l->err, "unknown genre \"%.*s\"", SPAN_ARG(name));
    return add_phrases(l, row, "words",
                       (struct mention){.kind = MENTION_GENRE, .genre = (enum genre)genre});
}

static int read_ignored(struct loading *l, const struct yaml_node *row)
{
    size_t first = l->lexicon->entries.n;
    int rc;

    if (row->kind != YAML_SCALAR)
        return yaml_error(row, l->file, l->err, "must be a phrase");
    rc = add_phrase(l, row, row->text, (struct mention){0});
    if (rc == 0)
        l->lexicon->entries.items[first].is_ignored = true;
    return rc;
}

/* ---- files ---- */

static int read_rows(struct loading *l, const struct yaml_node *root, const char *key,
                     row_fn *read_row)
{
    const struct yaml_node *list = yaml_get(root, key);
    int rc = 0;

    if (!list)
        return 0;
    if (list->kind != YAML_LIST)
        return yaml_error(list, l->file, l->err, "\"%s\" must be a list", key);
    for (size_t i = 0; rc == 0 && i < list->n; i++)
        rc = read_row(l, list->items[i]);
    return rc;
}

static int check_templates(struct loading *l, const struct yaml_node *root)
{
    const struct yaml_node *list = yaml_get(root, "ministries");

    if (!list)
        return 0;
    for (size_t i = 0; list->kind == YAML_LIST && i < list->n; i++) {
        if (list->items[i]->kind != YAML_SCALAR)
            return yaml_error(list->items[i], l->file, l->err, "must be a phrase");
    }
    if (list->kind != YAML_LIST)
        return yaml_error(list, l->file, l->err, "\"ministries\" must be a list");
    l->templates = list;
    return 0;
}

struct lexicon_file {
    const char *name;
    const char *key;
    row_fn *read_row;
};

/* Bodies come before countries, whose ministries may be among them. */
static const struct lexicon_file files[] = {
    {"bodies.yaml", "bodies", read_body},       {"countries.yaml", "countries", read_country},
    {"elections.yaml", "kinds", read_election}, {"offices.yaml", "offices", read_office},
    {"genres.yaml", "genres", read_genre},      {"systems.yaml", "systems", read_system},
};

static int read_file(struct loading *l, const char *dir, const struct lexicon_file *file)
{
    struct arena *arena = l->lexicon->arena;
    struct span path = arena_printf(arena, "%s/%s", dir, file->name);
    const char *const keys[] = {file->key, "ignore", "ministries", NULL};
    const struct yaml_node *root = NULL;
    int rc = yaml_load_file(path.p, arena, &root, l->err);

    l->file = path.p;
    if (rc == 0)
        rc = check_keys(l, root, keys);
    if (rc == 0)
        rc = check_templates(l, root);
    if (rc == 0)
        rc = read_rows(l, root, "ignore", read_ignored);
    return rc < 0 ? rc : read_rows(l, root, file->key, file->read_row);
}

static int compile(struct lexicon *l, struct error *err)
{
    struct cue_pattern *patterns = xcalloc(l->entries.n + 1, sizeof *patterns);
    int rc;

    for (size_t i = 0; i < l->entries.n; i++)
        patterns[i] = (struct cue_pattern){l->entries.items[i].phrase, (uint32_t)i};
    rc = cues_compile(patterns, l->entries.n, &l->cues, err);
    free(patterns);
    return rc;
}

int lexicon_load(const char *dir, struct lexicon **out, struct error *err)
{
    struct lexicon *lexicon = xcalloc(1, sizeof *lexicon);
    struct loading l = {.lexicon = lexicon, .err = err};
    int rc = 0;

    lexicon->arena = arena_new();
    for (size_t i = 0; rc == 0 && i < ARRAY_LEN(files); i++) {
        rc = read_file(&l, dir, &files[i]);
        if (rc == 0 && i == 0)
            rc = resolve_parents(&l);
    }
    if (rc == 0)
        rc = compile(lexicon, err);
    if (rc == 0) {
        *out = lexicon;
        lexicon = NULL; /* now the caller's */
    }
    lexicon_free(lexicon);
    return rc;
}
