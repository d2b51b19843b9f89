/*
 * Files -> phrases -> one compiled set.
 *
 * A file is a map of groups; a group is a list of phrases, or, where its class has values, a map
 * from value to list:
 *
 *     good: [transparent, smoothly]
 *     trend:
 *       better: [improved, progress]
 *
 * The table `groups` is the whole grammar: a new group is a new row. topics.yaml differs in that
 * its outer keys are topics. A key that is nowhere, a phrase twice in a group and an empty group
 * are errors with file and line: a rule that silently does nothing is worse than none.
 */
#include "parser/code/rulebook.h"

#include <stdlib.h>

#include "common/mem.h"
#include "common/yaml.h"
#include "parser/code/scorer.h"

/* What the learned half of the coding weighs by, beside the rules. */
#define SCORER_FILE "scorer.bin"

static const char *const contrast_names[] = {NULL, "initial", "adverse", "concede", "add", NULL};

const char *const source_names[] = {NULL,    "observers",     "parties", "candidates",
                                    "media", "civil-society", "unnamed", "authorities",
                                    NULL};

struct group {
    const char *file;
    const char *key;
    enum cue_class class;
    const char *const *values; /* NULL: the class has none */
};

static const struct group groups[] = {
    {"clauses", "contrast", CUE_CONTRAST, contrast_names},
    {"followup", "proposal", CUE_PROPOSAL, NULL},
    {"followup", "scope", CUE_SCOPE, followup_scope_names},
    {"followup", "status", CUE_STATUS, followup_status_names},
    {"polarity", "bad", CUE_BAD, NULL},
    {"polarity", "decrease", CUE_DECREASE, NULL},
    {"polarity", "deficit", CUE_DEFICIT, NULL},
    {"polarity", "extent", CUE_EXTENT, extent_names},
    {"polarity", "good", CUE_GOOD, NULL},
    {"polarity", "hollow", CUE_HOLLOW, NULL},
    {"polarity", "increase", CUE_INCREASE, NULL},
    {"polarity", "intensity", CUE_INTENSITY, intensity_names},
    {"polarity", "minimiser", CUE_MINIMISER, NULL},
    {"polarity", "negation", CUE_NEGATION, NULL},
    {"polarity", "removal", CUE_REMOVAL, NULL},
    {"polarity", "trend", CUE_TREND, trend_names},
    {"polarity", "virtue", CUE_VIRTUE, NULL},
    {"stance", "ahead", CUE_AHEAD, NULL},
    {"stance", "speech", CUE_SPEECH, stance_names},
    {"stance", "source", CUE_SOURCE, source_names},
    {"types", "action", CUE_ACTION, action_names},
    {"types", "advice", CUE_ADVICE, strength_names},
    {"types", "event", CUE_EVENT, NULL},
    {"types", "phase", CUE_PHASE, phase_names},
    {"types", "pledge", CUE_PLEDGE, NULL},
    {"types", "purpose", CUE_PURPOSE, NULL},
    {"types", "reference", CUE_REF, election_ref_names},
    {"types", "report", CUE_REPORT, NULL},
    {"types", "unreal", CUE_UNREAL, NULL},
    {"uncoded", "reason", CUE_UNCODED, uncoded_reason_names},
};

static const char *const files[] = {"clauses", "followup", "polarity", "stance",
                                    "topics",  "types",    "uncoded"};

/* What a phrase of a topic weighs, against TOPIC_THRESHOLD. */
static const struct {
    const char *key;
    int weight;
} topic_weights[] = {{"heads", 4}, {"strong", 3}, {"cues", 2}, {"hints", 1}};

struct loader {
    struct rulebook *book;
    const char *path; /* of the file that is being read */
    const char *file; /* its name without .yaml */
};

/* ---- phrases ---- */

static struct cue_rule *rule_add(struct loader *l, const struct yaml_node *node, const char *group,
                                 enum cue_class class, int value)
{
    struct arena *arena = l->book->arena;
    struct cue_rule *rule = LIST_ADD(arena, &l->book->rules);

    rule->phrase = node->text;
    rule->line = node->line;
    rule->id = arena_printf(arena, "%s.%s: %.*s", l->file, group, SPAN_ARG(node->text));
    rule->class = class;
    rule->value = value;
    return rule;
}

/* A list of phrases, all of one class, value and weight. */
static int phrases_read(struct loader *l, const struct yaml_node *list, const char *group,
                        const struct cue_rule *as, struct error *err)
{
    if (list->kind != YAML_LIST || list->n == 0)
        return yaml_error(list, l->path, err, "%s: must be a list of phrases", group);
    for (size_t i = 0; i < list->n; i++) {
        const struct yaml_node *node = list->items[i];

        if (node->kind != YAML_SCALAR || node->text.n == 0)
            return yaml_error(node, l->path, err, "%s: must be a phrase", group);
        rule_add(l, node, group, as->class, as->value)->weight = as->weight;
    }
    return 0;
}

/* A map from the names of values to lists of phrases. */
static int values_read(struct loader *l, const struct yaml_node *map, const struct group *group,
                       struct error *err)
{
    int rc = 0;

    if (map->kind != YAML_MAP)
        return yaml_error(map, l->path, err, "%s: must be a map of lists", group->key);
    for (size_t i = 0; rc == 0 && i < map->n; i++) {
        const struct yaml_node *key = map->keys[i];
        struct cue_rule as = {.class = group->class, .value = name_value(group->values, key->text)};
        struct span name;

        if (as.value == 0)
            return yaml_error(key, l->path, err, "%s: no such value: %.*s", group->key,
                              SPAN_ARG(key->text));
        name = arena_printf(l->book->arena, "%s.%.*s", group->key, SPAN_ARG(key->text));
        rc = phrases_read(l, map->items[i], name.p, &as, err);
    }
    return rc;
}

/* ---- files ---- */

static const struct group *group_find(const char *file, struct span key)
{
    for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
        if (strcmp(groups[i].file, file) == 0 && span_equal_str(key, groups[i].key))
            return &groups[i];
    }
    return NULL;
}

static int groups_read(struct loader *l, const struct yaml_node *root, struct error *err)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < root->n; i++) {
        const struct yaml_node *key = root->keys[i];
        const struct group *group = group_find(l->file, key->text);
        struct cue_rule as = {0};

        if (!group)
            return yaml_error(key, l->path, err, "no such group: %.*s", SPAN_ARG(key->text));
        as.class = group->class;
        rc = group->values ? values_read(l, root->items[i], group, err)
                           : phrases_read(l, root->items[i], group->key, &as, err);
    }
    return rc;
}

static int topic_weight(struct span key)
{
    for (size_t i = 0; i < ARRAY_LEN(topic_weights); i++) {
        if (span_equal_str(key, topic_weights[i].key))
            return topic_weights[i].weight;
    }
    return 0;
}

static int topic_entry_read(struct loader *l, int topic, const struct yaml_node *key,
                            const struct yaml_node *value, struct error *err)
{
    static const struct group modes = {"topics", "modes", CUE_TOPIC_MODE, topic_mode_names};
    struct cue_rule as = {.class = CUE_TOPIC, .value = topic, .weight = topic_weight(key->text)};

    if (as.weight)
        return phrases_read(l, value, topic_names[topic], &as, err);
    if (span_equal_str(key->text, "modes"))
        return values_read(l, value, &modes, err);
    if (!span_equal_str(key->text, "default"))
        return yaml_error(key, l->path, err, "no such key of a topic: %.*s", SPAN_ARG(key->text));
    as.value = value->kind == YAML_SCALAR ? name_value(polarity_names, value->text) : 0;
    if (as.value == 0)
        return yaml_error(value, l->path, err, "default: must be a polarity");
    l->book->default_polarity[topic] = (enum polarity)as.value;
    return 0;
}

static int topics_read(struct loader *l, const struct yaml_node *root, struct error *err)
{
    int rc = 0;

    for (size_t i = 0; i < root->n; i++) {
        const struct yaml_node *map = root->items[i];
        int topic = name_value(topic_names, root->keys[i]->text);

        if (topic == 0)
            return yaml_error(root->keys[i], l->path, err, "no such topic: %.*s",
                              SPAN_ARG(root->keys[i]->text));
        if (map->kind != YAML_MAP)
            return yaml_error(map, l->path, err, "a topic must be a map");
        for (size_t j = 0; rc == 0 && j < map->n; j++)
            rc = topic_entry_read(l, topic, map->keys[j], map->items[j], err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int file_load(struct loader *l, const char *dir, const char *file, struct error *err)
{
    struct arena *arena = l->book->arena;
    const struct yaml_node *root;
    int rc;

    l->file = file;
    l->path = arena_printf(arena, "%s/%s.yaml", dir, file).p;
    rc = yaml_load_file(l->path, arena, &root, err);
    if (rc < 0)
        return rc;
    if (root->kind != YAML_MAP)
        return yaml_error(root, l->path, err, "must be a map");
    return strcmp(file, "topics") == 0 ? topics_read(l, root, err) : groups_read(l, root, err);
}

/* ---- the set ---- */

static int rule_compare(const void *a, const void *b)
{
    const struct cue_rule *x = *(const struct cue_rule *const *)a;
    const struct cue_rule *y = *(const struct cue_rule *const *)b;
    size_t n = x->id.n < y->id.n ? x->id.n : y->id.n;
    int order = memcmp(x->id.p, y->id.p, n);

    return order ? order : (x->id.n > y->id.n) - (x->id.n < y->id.n);
}

/* Two rules of one id are one phrase twice in a group. */
static int repeats_check(const struct rulebook *b, struct error *err)
{
    const struct cue_rule **sorted = xcalloc(b->rules.n + 1, sizeof *sorted);
    int rc = 0;

    for (size_t i = 0; i < b->rules.n; i++)
        sorted[i] = &b->rules.items[i];
    qsort(sorted, b->rules.n, sizeof *sorted, rule_compare);
    for (size_t i = 1; rc == 0 && i < b->rules.n; i++) {
        if (span_equal(sorted[i - 1]->id, sorted[i]->id))
            rc = error_set(err, ERR_CONFIG, "%.*s: twice", SPAN_ARG(sorted[i]->id));
    }
    free(sorted);
    return rc;
}

static int set_compile(struct rulebook *b, struct error *err)
{
    struct cue_pattern *patterns = xcalloc(b->rules.n + 1, sizeof *patterns);
    int rc;

    for (size_t i = 0; i < b->rules.n; i++)
        patterns[i] = (struct cue_pattern){b->rules.items[i].phrase, (uint32_t)i};
    rc = cues_compile(patterns, b->rules.n, &b->cues, err);
    free(patterns);
    return rc;
}

int rulebook_load(const char *dir, struct rulebook **out, struct error *err)
{
    struct rulebook *b = xcalloc(1, sizeof *b);
    struct loader l = {.book = b};
    int rc = 0;

    b->arena = arena_new();
    for (size_t i = 0; rc == 0 && i < ARRAY_LEN(files); i++)
        rc = file_load(&l, dir, files[i], err);
    if (rc == 0)
        rc = repeats_check(b, err);
    if (rc == 0)
        rc = set_compile(b, err);
    if (rc == 0)
        rc = scorer_load(arena_printf(b->arena, "%s/" SCORER_FILE, dir).p, &b->scorer, err);
    if (rc == 0) {
        *out = b;
        b = NULL; /* now the caller's */
    }
    rulebook_free(b);
    return rc;
}

void rulebook_free(struct rulebook *b)
{
    if (!b)
        return;
    scorer_free(b->scorer);
    cues_free(b->cues);
    arena_free(b->arena);
    free(b);
}
