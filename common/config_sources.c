/*
 * fetcher.sources: each source is a small map whose keys are rows of the table too, and what its
 * kind asks of it is a row of `rules` here.
 */
#include "common/config_internal.h"

/* Far beyond any real list; keeps the search for duplicates cheap. */
#define SOURCES_MAX ((size_t)10000)

/* Faster than this only on machines of the operator's own (allow_private): politeness. */
#define EVERY_MIN_PUBLIC_MS UINT64_C(10000)

struct kind_rule {
    const char *name;
    bool is_local;     /* reads `path`; the others read `url` */
    uint64_t every_ms; /* when the source does not say */
};

static const struct kind_rule rules[] = {
    [SOURCE_FOLDER] = {"folder", true, UINT64_C(5000)},
    [SOURCE_RSS] = {"rss", false, UINT64_C(30) * 60 * 1000},
    [SOURCE_ATOM] = {"atom", false, UINT64_C(30) * 60 * 1000},
    [SOURCE_PAGE] = {"page", false, UINT64_C(6) * 60 * 60 * 1000},
};

static struct config_place at(const struct yaml_node *node)
{
    return (struct config_place){.node = node};
}

static void read_keys(struct config_reader *r, const struct yaml_node *map,
                      struct config_source *source)
{
    for (size_t i = 0; i < config_keys_n; i++) {
        const struct config_key *key = &config_keys[i];
        const struct yaml_node *node;

        if (strcmp(key->section, CONFIG_SOURCE_SECTION) != 0)
            continue;
        node = yaml_get(map, key->key);
        if (node)
            config_read_node(r, key, node, source);
    }
}

/* The keys that one kind needs and another has no use for. */
static void check_place(struct config_reader *r, const struct yaml_node *map,
                        const struct kind_rule *rule)
{
    const char *needed = rule->is_local ? "path" : "url";
    const char *useless = rule->is_local ? "url" : "path";
    const struct yaml_node *node = yaml_get(map, useless);

    if (!yaml_get(map, needed))
        config_problem(r, at(map), "a source of kind %s needs %s", rule->name, needed);
    if (node)
        config_problem(r, at(node), "a source of kind %s has no %s", rule->name, useless);
}

static void check_pace(struct config_reader *r, const struct yaml_node *map,
                       const struct kind_rule *rule, const struct config_source *source)
{
    const struct yaml_node *node = yaml_get(map, "every");

    if (node && source->every_ms && !rule->is_local && !source->allow_private &&
        source->every_ms < EVERY_MIN_PUBLIC_MS)
        config_problem(r, at(node),
                       "source.every: a public site is not asked more often than "
                       "every 10s");
}

static void check_unique(struct config_reader *r, const struct config_source *sources, size_t n)
{
    const struct config_source *latest = &sources[n - 1];

    for (size_t i = 0; latest->id && i + 1 < n; i++) {
        if (sources[i].id && strcmp(sources[i].id, latest->id) == 0) {
            struct yaml_node here = {.line = latest->line};

            config_problem(r, at(&here), "the source id %s stands at line %u already", latest->id,
                           (unsigned)sources[i].line);
            return;
        }
    }
}

static void read_source(struct config_reader *r, const struct yaml_node *map,
                        struct config_source *source)
{
    const struct yaml_node *kind = yaml_get(map, "kind");
    size_t problems_before;

    source->line = map->line;
    if (map->kind != YAML_MAP) {
        config_problem(r, at(map), "a source is a map: {id: …, kind: …, …}");
        return;
    }
    config_check_keys(r, CONFIG_SOURCE_SECTION, map);
    if (!yaml_get(map, "id"))
        config_problem(r, at(map), "a source needs an id");
    if (!kind)
        config_problem(r, at(map), "a source needs a kind: folder, rss, atom or page");
    problems_before = r->problems_n;
    read_keys(r, map, source);
    /* what an unknown kind needs nobody can say */
    if (kind && r->problems_n == problems_before) {
        check_place(r, map, &rules[source->kind]);
        check_pace(r, map, &rules[source->kind], source);
    }
    if (!source->every_ms)
        source->every_ms = rules[source->kind].every_ms;
}

void config_read_sources(struct config_reader *r, const struct yaml_node *list)
{
    struct config_source *sources;

    if (list->kind != YAML_LIST) {
        config_problem(r, at(list), "fetcher.sources: expected a list of sources");
        return;
    }
    if (list->n > SOURCES_MAX) {
        config_problem(r, at(list), "fetcher.sources: over %zu sources", SOURCES_MAX);
        return;
    }
    sources = arena_calloc(r->arena, list->n, sizeof *sources);
    for (size_t i = 0; i < list->n; i++) {
        read_source(r, list->items[i], &sources[i]);
        check_unique(r, sources, i + 1);
    }
    r->config->fetcher.sources = sources;
    r->config->fetcher.sources_n = list->n;
}
