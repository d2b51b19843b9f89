/*
 * Layout of the file, all numbers little-endian:
 *
 *     "PWSCORE1"
 *     u32 topics, hidden, kinds, rows
 *     u8  type, polarity                  for each kind
 *     f32 threshold                       for each topic
 *     f32 bias                            for each topic, for each kind
 *     f32 out[topics][hidden]
 *     rows: u32 key, f32 rarity, f32 scale, i8 weight[topics + hidden + kinds]
 *
 * Rows stand in order of their keys. A word's value is its rarity, made one in length over the
 * known words of the clause; what is no word has the value that features.c gave it, and rarity 0.
 */
#include "parser/code/scorer.h"

#include <math.h>
#include <stdlib.h>

#include "common/file.h"
#include "common/mem.h"

#define MAGIC          "PWSCORE1"
#define MAGIC_BYTES    8
#define FILE_BYTES_MAX ((size_t)64 * 1024 * 1024)
#define HIDDEN_MAX     256
#define KINDS_MAX      64
#define ROWS_MAX       (1U << 22)

struct row {
    uint32_t key;
    float rarity;
    float scale;
    const int8_t *weights;
};

struct scorer {
    struct arena *arena; /* owns all that follows */
    uint32_t hidden;
    uint32_t kinds_n;
    uint32_t rows_n;
    struct kind *kinds;
    float *thresholds;
    float *bias; /* topics, then kinds */
    float *out;  /* [topics][hidden] */
    struct row *rows;
    uint32_t *slots; /* open addressing by key; 0: free, else 1 + index of a row */
    uint32_t slots_mask;
};

#define TOPICS (TOPIC_COUNT - 1)

#define REASONS_MAX 16

/* ---- reading the file ---- */

struct reader {
    const char *path;
    struct span rest;
    struct arena *arena;
    bool is_short;
};

static const char *take(struct reader *r, size_t n)
{
    const char *p = r->rest.p;

    if (r->rest.n < n) {
        r->is_short = true;
        return NULL;
    }
    r->rest = span_from(r->rest, n);
    return p;
}

static uint32_t take_u32(struct reader *r)
{
    const char *p = take(r, sizeof(uint32_t));
    uint32_t v = 0;

    if (p)
        memcpy(&v, p, sizeof v);
    return v;
}

static float *take_floats(struct reader *r, size_t n)
{
    const char *p = take(r, n * sizeof(float));
    float *out = arena_calloc(r->arena, n + 1, sizeof *out);

    if (p)
        memcpy(out, p, n * sizeof *out);
    return out;
}

static int header_read(struct scorer *s, struct reader *r, struct error *err)
{
    const char *magic = take(r, MAGIC_BYTES);
    uint32_t topics;

    if (!magic || memcmp(magic, MAGIC, MAGIC_BYTES) != 0)
        return error_set(err, ERR_FORMAT, "%s: is no file of weights (%s)", r->path, MAGIC);
    topics = take_u32(r);
    s->hidden = take_u32(r);
    s->kinds_n = take_u32(r);
    s->rows_n = take_u32(r);
    if (topics != TOPICS)
        return error_set(err, ERR_FORMAT, "%s: %u topics, not %d: train it again", r->path, topics,
                         TOPICS);
    if (s->hidden > HIDDEN_MAX || s->kinds_n == 0 || s->kinds_n > KINDS_MAX || s->rows_n > ROWS_MAX)
        return error_set(err, ERR_FORMAT, "%s: damaged sizes", r->path);
    return 0;
}

static int kinds_read(struct scorer *s, struct reader *r, struct error *err)
{
    const char *p = take(r, (size_t)2 * s->kinds_n);

    s->kinds = arena_calloc(s->arena, s->kinds_n, sizeof *s->kinds);
    for (size_t i = 0; p && i < s->kinds_n; i++) {
        s->kinds[i].type = (enum finding_type)p[2 * i];
        s->kinds[i].polarity = (enum polarity)p[2 * i + 1];
        if (s->kinds[i].type < TYPE_ASSESSMENT || s->kinds[i].type > TYPE_PROCEDURAL ||
            s->kinds[i].polarity < POLARITY_POSITIVE || s->kinds[i].polarity > POLARITY_NEUTRAL)
            return error_set(err, ERR_FORMAT, "%s: kind %zu is none", r->path, i);
    }
    return 0;
}

static uint32_t slot_of(const struct scorer *s, uint32_t key)
{
    return (key * 2654435769U) & s->slots_mask;
}

static void slots_fill(struct scorer *s)
{
    uint32_t size = 16;

    while (size < 2 * s->rows_n)
        size *= 2;
    s->slots_mask = size - 1;
    s->slots = arena_calloc(s->arena, size, sizeof *s->slots);
    for (uint32_t i = 0; i < s->rows_n; i++) {
        uint32_t at = slot_of(s, s->rows[i].key);

        while (s->slots[at] != 0)
            at = (at + 1) & s->slots_mask;
        s->slots[at] = i + 1;
    }
}

static void rows_read(struct scorer *s, struct reader *r)
{
    size_t width = TOPICS + s->hidden + s->kinds_n;

    s->rows = arena_calloc(s->arena, s->rows_n + 1, sizeof *s->rows);
    for (size_t i = 0; i < s->rows_n && !r->is_short; i++) {
        struct row *row = &s->rows[i];
        float *scales;

        row->key = take_u32(r);
        scales = take_floats(r, 2);
        row->rarity = scales[0];
        row->scale = scales[1];
        row->weights = (const int8_t *)take(r, width);
    }
    if (!r->is_short)
        slots_fill(s);
}

static int file_parse(struct scorer *s, struct reader *r, struct error *err)
{
    int rc = header_read(s, r, err);

    if (rc == 0)
        rc = kinds_read(s, r, err);
    if (rc < 0)
        return rc;
    s->thresholds = take_floats(r, TOPICS);
    s->bias = take_floats(r, TOPICS + s->kinds_n);
    s->out = take_floats(r, (size_t)TOPICS * s->hidden);
    rows_read(s, r);
    if (r->is_short || r->rest.n > 0)
        return error_set(err, ERR_FORMAT, "%s: %s", r->path,
                         r->is_short ? "is cut short" : "has more than it should");
    return 0;
}

int scorer_load(const char *path, struct scorer **out, struct error *err)
{
    struct scorer *s = xcalloc(1, sizeof *s);
    struct reader r = {.path = path};
    struct buf content;
    int rc;

    s->arena = arena_new();
    r.arena = s->arena;
    buf_init(&content, FILE_BYTES_MAX);
    rc = file_read(path, &content, err);
    if (rc == 0) {
        r.rest = arena_copy(s->arena, buf_span(&content));
        rc = file_parse(s, &r, err);
    }
    buf_fini(&content);
    if (rc == 0) {
        *out = s;
        s = NULL; /* now the caller's */
    }
    scorer_free(s);
    return rc;
}

void scorer_free(struct scorer *s)
{
    if (!s)
        return;
    arena_free(s->arena);
    free(s);
}

/* ---- scoring ---- */

static const struct row *row_find(const struct scorer *s, uint32_t key)
{
    uint32_t at = slot_of(s, key);

    while (s->slots[at] != 0) {
        const struct row *row = &s->rows[s->slots[at] - 1];

        if (row->key == key)
            return row;
        at = (at + 1) & s->slots_mask;
    }
    return NULL;
}

/* Finds the row of each feature; words get their rarity as value, one in length over the clause. */
static void rows_find(const struct scorer *s, const feature_list *features, struct arena *arena,
                      struct scored *out)
{
    float sum = 0;

    out->features = arena_calloc(arena, features->n + 1, sizeof *out->features);
    out->rows = arena_calloc(arena, features->n + 1, sizeof *out->rows);
    out->values = arena_calloc(arena, features->n + 1, sizeof *out->values);
    for (size_t i = 0; i < features->n; i++) {
        const struct feature *f = &features->items[i];
        const struct row *row = row_find(s, f->key);

        if (!row)
            continue;
        out->features[out->n] = f;
        out->rows[out->n] = row;
        out->values[out->n++] = f->kind == FEATURE_WORD ? row->rarity : f->value;
        if (f->kind == FEATURE_WORD)
            sum += row->rarity * row->rarity;
    }
    sum = sum > 0 ? sqrtf(sum) : 1;
    for (size_t i = 0; i < out->n; i++)
        out->values[i] /= out->features[i]->kind == FEATURE_WORD ? sum : 1;
}

static void row_add(float *to, const int8_t *weights, size_t n, float by)
{
    for (size_t i = 0; i < n; i++)
        to[i] += by * (float)weights[i];
}

static float logistic(float z)
{
    return 1 / (1 + expf(-z));
}

static void topics_finish(struct scored *out)
{
    const struct scorer *s = out->scorer;

    for (size_t h = 0; h < s->hidden; h++)
        out->hidden[h] = out->hidden[h] > 0 ? out->hidden[h] : 0;
    for (size_t t = 0; t < TOPICS; t++) {
        const float *weights = s->out + t * s->hidden;
        float z = out->topics[t + 1];

        for (size_t h = 0; h < s->hidden; h++)
            z += weights[h] * out->hidden[h];
        out->topics[t + 1] = logistic(z);
    }
}

void scorer_read(const struct scorer *s, const feature_list *features, struct arena *arena,
                 struct scored *out)
{
    *out = (struct scored){
        .scorer = s,
        .hidden = arena_calloc(arena, s->hidden + 1, sizeof(float)),
        .kinds = arena_calloc(arena, s->kinds_n, sizeof(float)),
    };
    memcpy(out->topics + 1, s->bias, TOPICS * sizeof(float));
    memcpy(out->kinds, s->bias + TOPICS, s->kinds_n * sizeof(float));
    rows_find(s, features, arena, out);
    for (size_t i = 0; i < out->n; i++) {
        const struct row *row = out->rows[i];
        float by = row->scale * out->values[i];

        row_add(out->topics + 1, row->weights, TOPICS, by);
        row_add(out->hidden, row->weights + TOPICS, s->hidden, by);
        row_add(out->kinds, row->weights + TOPICS + s->hidden, s->kinds_n, by);
    }
    topics_finish(out);
}

float scorer_threshold(const struct scorer *s, enum topic topic)
{
    return s->thresholds[topic - 1];
}

/* ---- kinds ---- */

static void softmax(float *z, size_t n)
{
    float max = z[0];
    float sum = 0;

    for (size_t i = 1; i < n; i++)
        max = z[i] > max ? z[i] : max;
    for (size_t i = 0; i < n; i++) {
        z[i] = expf(z[i] - max);
        sum += z[i];
    }
    for (size_t i = 0; i < n; i++)
        z[i] /= sum;
}

/* The type that most of the likelihood is on, over all polarities; then the best of it. */
static size_t best_kind(const struct scorer *s, const float *p)
{
    float of_type[TYPE_PROCEDURAL + 1] = {0};
    size_t best = 0;
    enum finding_type type = TYPE_ASSESSMENT;

    for (size_t i = 0; i < s->kinds_n; i++)
        of_type[s->kinds[i].type] += p[i];
    for (int t = TYPE_ASSESSMENT; t <= TYPE_PROCEDURAL; t++)
        type = of_type[t] > of_type[type] ? (enum finding_type)t : type;
    while (s->kinds[best].type != type)
        best++;
    for (size_t i = best; i < s->kinds_n; i++) {
        if (s->kinds[i].type == type && p[i] > p[best])
            best = i;
    }
    return best;
}

struct kind scorer_kind(const struct scored *scored, const feature_list *of_topic, float *p)
{
    const struct scorer *s = scored->scorer;
    float z[KINDS_MAX];
    size_t best;

    memcpy(z, scored->kinds, s->kinds_n * sizeof z[0]);
    for (size_t i = 0; i < of_topic->n; i++) {
        const struct row *row = row_find(s, of_topic->items[i].key);

        if (row)
            row_add(z, row->weights + TOPICS + s->hidden, s->kinds_n,
                    row->scale * of_topic->items[i].value);
    }
    softmax(z, s->kinds_n);
    best = best_kind(s, z);
    *p = z[best];
    return s->kinds[best];
}

/* ---- reasons ---- */

/* What a row adds to the score of a topic, the active hidden units held. */
static float share_of(const struct scored *scored, const struct row *row, enum topic topic)
{
    const struct scorer *s = scored->scorer;
    const float *weights = s->out + (size_t)(topic - 1) * s->hidden;
    float sum = row->weights[topic - 1];

    for (size_t h = 0; h < s->hidden; h++)
        sum += (scored->hidden[h] > 0 ? weights[h] : 0) * (float)row->weights[TOPICS + h];
    return sum * row->scale;
}

size_t scorer_reasons(const struct scored *scored, enum topic topic, const struct feature **out,
                      size_t max)
{
    float shares[REASONS_MAX];
    size_t n = 0;

    max = max < REASONS_MAX ? max : REASONS_MAX;
    for (size_t i = 0; i < scored->n; i++) {
        float share = 0;
        size_t at = n;

        if (scored->features[i]->kind != FEATURE_CONTEXT)
            share = scored->values[i] * share_of(scored, scored->rows[i], topic);
        if (share <= 0)
            continue;
        while (at > 0 && shares[at - 1] < share)
            at--;
        if (at == max)
            continue;
        n += n < max;
        memmove(shares + at + 1, shares + at, (n - 1 - at) * sizeof shares[0]);
        memmove(out + at + 1, out + at, (n - 1 - at) * sizeof out[0]);
        shares[at] = share;
        out[at] = scored->features[i];
    }
    return n;
}
