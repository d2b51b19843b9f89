/*
 * Learns the weights of parser/code/scorer.h from annotated clauses, and writes scorer.bin.
 *
 *     train [--without GROUP] [--epochs N] [--hidden N] [--members N] [--threshold P] OUT < CLAUSES
 *     train --blank OUT            a file that knows nothing, to start from
 *
 * CLAUSES has a line for each clause, and one for each finding of it:
 *
 *     U GROUP WEIGHT TOPICS  KIND KEY VALUE ...      TOPICS: "3,17" or "-"
 *     K TYPE POLARITY KEY VALUE ...                  keys of the finding's topic
 *
 * Stochastic gradient descent with a step of its own for each weight (AdaGrad), and a pull to zero
 * for the weights of what occurs in the clause. The same input gives the same bytes.
 *
 * Several members are trained from other beginnings, and what is written is their mean: their
 * direct weights averaged, their hidden units side by side, each with its share.
 */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "common/mem.h"
#include "proto/record.h"

#define TOPICS     (TOPIC_COUNT - 1)
#define KINDS_MAX  28
#define HIDDEN_MAX 128

/* What occurs in fewer clauses is chance. */
#define WORDS_MIN 3
#define OTHER_MIN 3

#define STEP        0.1F
#define PULL        1e-3F
#define TOPIC_PRIOR (-3.0F)

struct entry {
    uint32_t key;
    uint32_t row; /* once rows are numbered */
    float value;
    bool is_word;
};

struct finding_line {
    int kind;
    size_t first, n; /* entries */
};

struct clause_line {
    char group[64];
    float weight;
    uint32_t topics; /* bits */
    size_t first, n; /* entries */
    size_t findings_first, findings_n;
};

struct row {
    uint32_t key;
    uint32_t count;
    bool is_word;
    bool is_kept;
    uint32_t index;
};

struct set {
    struct entry *entries;
    size_t entries_n, entries_cap;
    struct clause_line *clauses;
    size_t clauses_n, clauses_cap;
    struct finding_line *findings;
    size_t findings_n, findings_cap;
    int types[KINDS_MAX], polarities[KINDS_MAX];
    size_t kinds_n;
    struct row *rows; /* sorted by key */
    size_t rows_n;
    size_t kept_n;
};

struct model {
    size_t hidden, kinds, width; /* width of a row: topics + hidden + kinds */
    float *weights, *speeds;     /* [kept][width] */
    float *rarity;               /* [kept] */
    float bias[TOPICS + KINDS_MAX], bias_speed[TOPICS + KINDS_MAX];
    float *out, *out_speed; /* [topics][hidden] */
};

struct plan {
    size_t epochs;
    size_t hidden; /* units of a member */
    size_t members;
    float threshold;
    bool blank;
};

/* ---- reading ---- */

static void *grown(void *p, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return p;
    *cap = *cap ? 2 * *cap : 1024;
    return xrealloc(p, *cap * size);
}

static int kind_find(struct set *s, int type, int polarity)
{
    for (size_t i = 0; i < s->kinds_n; i++) {
        if (s->types[i] == type && s->polarities[i] == polarity)
            return (int)i;
    }
    if (s->kinds_n == KINDS_MAX)
        return -1;
    s->types[s->kinds_n] = type;
    s->polarities[s->kinds_n] = polarity;
    return (int)s->kinds_n++;
}

/* Entries up to the end of the line; returns how many. */
static size_t entries_read(struct set *s, char *rest, bool with_kind)
{
    size_t before = s->entries_n;
    char *kind = with_kind ? strtok_r(NULL, " ", &rest) : rest;

    while (kind) {
        char *key = strtok_r(NULL, " ", &rest);
        char *value = key ? strtok_r(NULL, " \n", &rest) : NULL;

        if (!value)
            break;
        s->entries = grown(s->entries, s->entries_n, &s->entries_cap, sizeof *s->entries);
        s->entries[s->entries_n++] = (struct entry){
            .key = (uint32_t)strtoul(key, NULL, 16),
            .value = strtof(value, NULL),
            .is_word = with_kind && *kind == 'w',
        };
        kind = with_kind ? strtok_r(NULL, " ", &rest) : rest;
    }
    return s->entries_n - before;
}

static uint32_t topics_read(char *list)
{
    uint32_t bits = 0;
    char *rest = NULL;

    for (char *t = strtok_r(list, ",", &rest); t; t = strtok_r(NULL, ",", &rest)) {
        int topic = atoi(t);

        if (topic > TOPIC_NONE && topic < TOPIC_COUNT)
            bits |= 1U << (topic - 1);
    }
    return bits;
}

static bool clause_read(struct set *s, char *line)
{
    struct clause_line c = {.first = s->entries_n, .findings_first = s->findings_n};
    char *rest = NULL;
    char *mark = strtok_r(line, " ", &rest);
    char *group = strtok_r(NULL, " ", &rest);
    char *weight = strtok_r(NULL, " ", &rest);
    char *topics = strtok_r(NULL, " \n", &rest);

    if (!mark || !group || !weight || !topics || strlen(group) >= sizeof c.group)
        return false;
    memcpy(c.group, group, strlen(group) + 1);
    c.weight = strtof(weight, NULL);
    c.topics = topics_read(topics);
    c.n = entries_read(s, rest, true);
    s->clauses = grown(s->clauses, s->clauses_n, &s->clauses_cap, sizeof *s->clauses);
    s->clauses[s->clauses_n++] = c;
    return true;
}

static bool finding_read(struct set *s, char *line)
{
    struct finding_line f = {.first = s->entries_n};
    char *rest = NULL;
    char *mark = strtok_r(line, " ", &rest);
    char *type = strtok_r(NULL, " ", &rest);
    char *polarity = strtok_r(NULL, " ", &rest);

    if (!mark || !type || !polarity || s->clauses_n == 0)
        return false;
    f.kind = kind_find(s, atoi(type), atoi(polarity));
    f.n = entries_read(s, rest, false);
    if (f.kind < 0)
        return false;
    s->findings = grown(s->findings, s->findings_n, &s->findings_cap, sizeof *s->findings);
    s->findings[s->findings_n++] = f;
    s->clauses[s->clauses_n - 1].findings_n++;
    return true;
}

static int set_read(struct set *s, FILE *in, const char *without)
{
    char *line = NULL;
    size_t cap = 0;
    size_t number = 0;
    bool skips = false;

    while (getline(&line, &cap, in) > 0) {
        bool ok = true;

        number++;
        if (line[0] == 'U') {
            size_t n = without ? strlen(without) : 0;

            skips = without && strncmp(line + 2, without, n) == 0 && line[2 + n] == ' ';
            ok = skips || clause_read(s, line);
        } else if (line[0] == 'K') {
            ok = skips || finding_read(s, line);
        }
        if (!ok) {
            fprintf(stderr, "train: line %zu: not understood\n", number);
            free(line);
            return -1;
        }
    }
    free(line);
    return 0;
}

/* ---- rows ---- */

static int row_compare(const void *a, const void *b)
{
    const struct row *x = a;
    const struct row *y = b;

    return (x->key > y->key) - (x->key < y->key);
}

static void rows_count(struct set *s)
{
    struct row *all = xcalloc(s->entries_n + 1, sizeof *all);
    size_t n = 0;

    for (size_t i = 0; i < s->entries_n; i++)
        all[i] = (struct row){.key = s->entries[i].key, .is_word = s->entries[i].is_word};
    qsort(all, s->entries_n, sizeof *all, row_compare);
    for (size_t i = 0; i < s->entries_n; i++) {
        if (n == 0 || all[n - 1].key != all[i].key)
            all[n++] = all[i];
        all[n - 1].count++;
    }
    for (size_t i = 0; i < n; i++) {
        all[i].is_kept = all[i].count >= (all[i].is_word ? WORDS_MIN : OTHER_MIN);
        all[i].index = (uint32_t)s->kept_n;
        s->kept_n += all[i].is_kept;
    }
    s->rows = all;
    s->rows_n = n;
}

/* Entries of no row are dropped in place. */
static size_t entries_number(const struct set *s, struct entry *entries, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        struct row wanted = {.key = entries[i].key};
        const struct row *row = bsearch(&wanted, s->rows, s->rows_n, sizeof *row, row_compare);

        if (!row->is_kept)
            continue;
        entries[kept] = entries[i];
        entries[kept++].row = row->index;
    }
    return kept;
}

static void rows_number(struct set *s)
{
    for (size_t i = 0; i < s->clauses_n; i++)
        s->clauses[i].n = entries_number(s, s->entries + s->clauses[i].first, s->clauses[i].n);
    for (size_t i = 0; i < s->findings_n; i++)
        s->findings[i].n = entries_number(s, s->entries + s->findings[i].first, s->findings[i].n);
}

/* ---- the model ---- */

static uint64_t state = 88172645463325252U;

static uint32_t chance(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 11);
}

static float small_number(float size)
{
    return ((float)(chance() % 20001) / 10000.0F - 1) * size;
}

static void model_init(struct model *m, const struct set *s, size_t hidden)
{
    m->hidden = hidden;
    m->kinds = s->kinds_n;
    m->width = TOPICS + hidden + m->kinds;
    m->weights = xcalloc(s->kept_n * m->width + 1, sizeof(float));
    m->speeds = xcalloc(s->kept_n * m->width + 1, sizeof(float));
    m->rarity = xcalloc(s->kept_n + 1, sizeof(float));
    m->out = xcalloc(TOPICS * hidden + 1, sizeof(float));
    m->out_speed = xcalloc(TOPICS * hidden + 1, sizeof(float));
    for (size_t i = 0; i < TOPICS; i++)
        m->bias[i] = TOPIC_PRIOR;
    for (size_t i = 0; i < s->kept_n; i++) {
        for (size_t h = 0; h < hidden; h++)
            m->weights[i * m->width + TOPICS + h] = small_number(0.05F);
    }
    for (size_t i = 0; i < TOPICS * hidden; i++)
        m->out[i] = small_number(0.1F);
    for (size_t i = 0; i < s->rows_n; i++) {
        const struct row *row = &s->rows[i];

        if (row->is_kept && row->is_word)
            m->rarity[row->index] = logf((1 + (float)s->clauses_n) / (1 + (float)row->count)) + 1;
    }
}

/* Words get their final values: rarity, made one in length over the clause. */
static void values_set(const struct model *m, struct entry *entries, size_t n)
{
    float sum = 0;

    for (size_t i = 0; i < n; i++) {
        if (entries[i].is_word)
            sum += m->rarity[entries[i].row] * m->rarity[entries[i].row];
    }
    for (size_t i = 0; i < n; i++) {
        if (entries[i].is_word)
            entries[i].value = m->rarity[entries[i].row] / sqrtf(sum);
    }
}

static void step(float *w, float *speed, float gradient, float rate, float floor)
{
    *speed += gradient * gradient;
    *w -= rate * gradient / sqrtf(*speed + floor);
}

/* z of topics or of kinds, from `from` on in each row. */
static void forward(const struct model *m, const struct entry *entries, size_t n, size_t from,
                    size_t count, float *z)
{
    for (size_t i = 0; i < n; i++) {
        const float *w = m->weights + entries[i].row * m->width + from;

        for (size_t k = 0; k < count; k++)
            z[k] += entries[i].value * w[k];
    }
}

static void backward(struct model *m, const struct entry *entries, size_t n, size_t from,
                     size_t count, const float *gradient, float rate, float floor)
{
    for (size_t i = 0; i < n; i++) {
        float *w = m->weights + entries[i].row * m->width + from;
        float *speed = m->speeds + entries[i].row * m->width + from;

        for (size_t k = 0; k < count; k++)
            step(&w[k], &speed[k], entries[i].value * gradient[k] + PULL * w[k], rate, floor);
    }
}

static void learn_topics(struct model *m, const struct set *s, const struct clause_line *c)
{
    const struct entry *entries = s->entries + c->first;
    float z[TOPICS];
    float gradient[TOPICS];
    float hidden[HIDDEN_MAX] = {0};
    float back[HIDDEN_MAX] = {0};

    memcpy(z, m->bias, sizeof z);
    forward(m, entries, c->n, 0, TOPICS, z);
    forward(m, entries, c->n, TOPICS, m->hidden, hidden);
    for (size_t h = 0; h < m->hidden; h++)
        hidden[h] = hidden[h] > 0 ? hidden[h] : 0;
    for (size_t t = 0; t < TOPICS; t++) {
        for (size_t h = 0; h < m->hidden; h++)
            z[t] += m->out[t * m->hidden + h] * hidden[h];
        gradient[t] = c->weight * (1 / (1 + expf(-z[t])) - (float)(c->topics >> t & 1));
        step(&m->bias[t], &m->bias_speed[t], gradient[t], STEP, 1e-6F);
    }
    for (size_t t = 0; t < TOPICS; t++) {
        for (size_t h = 0; h < m->hidden; h++) {
            float *w = &m->out[t * m->hidden + h];

            if (hidden[h] > 0)
                back[h] += gradient[t] * *w;
            step(w, &m->out_speed[t * m->hidden + h], gradient[t] * hidden[h] + PULL * *w, STEP / 2,
                 1e-4F);
        }
    }
    backward(m, entries, c->n, 0, TOPICS, gradient, STEP, 1e-6F);
    backward(m, entries, c->n, TOPICS, m->hidden, back, STEP / 2, 1e-4F);
}

static void learn_kind(struct model *m, const struct set *s, const struct clause_line *c,
                       const struct finding_line *f)
{
    const size_t from = TOPICS + m->hidden;
    float z[KINDS_MAX];
    float max;
    float sum = 0;

    memcpy(z, m->bias + TOPICS, m->kinds * sizeof z[0]);
    forward(m, s->entries + c->first, c->n, from, m->kinds, z);
    forward(m, s->entries + f->first, f->n, from, m->kinds, z);
    max = z[0];
    for (size_t k = 1; k < m->kinds; k++)
        max = z[k] > max ? z[k] : max;
    for (size_t k = 0; k < m->kinds; k++) {
        z[k] = expf(z[k] - max);
        sum += z[k];
    }
    for (size_t k = 0; k < m->kinds; k++) {
        z[k] = c->weight * (z[k] / sum - ((int)k == f->kind));
        step(&m->bias[TOPICS + k], &m->bias_speed[TOPICS + k], z[k], STEP, 1e-6F);
    }
    backward(m, s->entries + c->first, c->n, from, m->kinds, z, STEP, 1e-6F);
    backward(m, s->entries + f->first, f->n, from, m->kinds, z, STEP, 1e-6F);
}

static void learn(struct model *m, const struct set *s, size_t epochs)
{
    size_t *order = xcalloc(s->clauses_n + 1, sizeof *order);

    for (size_t i = 0; i < s->clauses_n; i++)
        order[i] = i;
    for (size_t e = 0; e < epochs; e++) {
        for (size_t i = s->clauses_n; i > 1; i--) {
            size_t k = chance() % i;
            size_t swapped = order[i - 1];

            order[i - 1] = order[k];
            order[k] = swapped;
        }
        for (size_t i = 0; i < s->clauses_n; i++) {
            const struct clause_line *c = &s->clauses[order[i]];

            learn_topics(m, s, c);
            for (size_t k = 0; k < c->findings_n; k++)
                learn_kind(m, s, c, &s->findings[c->findings_first + k]);
        }
    }
    free(order);
}

/* ---- writing ---- */

static void put_u32(FILE *out, size_t v)
{
    uint32_t u = (uint32_t)v;

    fwrite(&u, sizeof u, 1, out);
}

static void row_write(FILE *out, const struct model *m, const struct row *row)
{
    const float *w = m->weights + row->index * m->width;
    float max = 0;
    float scale;

    for (size_t k = 0; k < m->width; k++)
        max = fabsf(w[k]) > max ? fabsf(w[k]) : max;
    scale = max / 127;
    put_u32(out, row->key);
    fwrite(&m->rarity[row->index], sizeof(float), 1, out);
    fwrite(&scale, sizeof scale, 1, out);
    for (size_t k = 0; k < m->width; k++) {
        int8_t byte = (int8_t)(scale > 0 ? lrintf(w[k] / scale) : 0);

        fwrite(&byte, 1, 1, out);
    }
}

static int model_write(const struct model *m, const struct set *s, float threshold,
                       const char *path)
{
    FILE *out = fopen(path, "wb");

    if (!out) {
        fprintf(stderr, "train: %s: %s\n", path, strerror(errno));
        return EX_CANTCREAT;
    }
    fwrite("PWSCORE1", 8, 1, out);
    put_u32(out, TOPICS);
    put_u32(out, m->hidden);
    put_u32(out, m->kinds);
    put_u32(out, s->kept_n);
    for (size_t k = 0; k < m->kinds; k++) {
        fputc(s->types[k], out);
        fputc(s->polarities[k], out);
    }
    for (size_t t = 0; t < TOPICS; t++)
        fwrite(&threshold, sizeof threshold, 1, out);
    fwrite(m->bias, sizeof(float), TOPICS + m->kinds, out);
    fwrite(m->out, sizeof(float), TOPICS * m->hidden, out);
    for (size_t i = 0; i < s->rows_n; i++) {
        if (s->rows[i].is_kept)
            row_write(out, m, &s->rows[i]);
    }
    if (fclose(out) != 0) {
        fprintf(stderr, "train: %s: %s\n", path, strerror(errno));
        return EX_IOERR;
    }
    return EX_OK;
}

static void model_free(struct model *m)
{
    free(m->weights);
    free(m->speeds);
    free(m->rarity);
    free(m->out);
    free(m->out_speed);
}

/* Adds member `k` of `n` to the mean, which was made of zeros. */
static void member_add(struct model *mean, const struct model *m, const struct set *s, size_t k,
                       size_t n)
{
    const float share = 1 / (float)n;

    for (size_t i = 0; i < s->kept_n; i++) {
        const float *from = m->weights + i * m->width;
        float *to = mean->weights + i * mean->width;

        for (size_t t = 0; t < TOPICS; t++)
            to[t] += share * from[t];
        memcpy(to + TOPICS + k * m->hidden, from + TOPICS, m->hidden * sizeof *to);
        for (size_t t = 0; t < m->kinds; t++)
            to[TOPICS + mean->hidden + t] += share * from[TOPICS + m->hidden + t];
    }
    for (size_t t = 0; t < TOPICS + m->kinds; t++)
        mean->bias[t] += share * m->bias[t];
    for (size_t t = 0; t < TOPICS; t++) {
        for (size_t h = 0; h < m->hidden; h++)
            mean->out[t * mean->hidden + k * m->hidden + h] = share * m->out[t * m->hidden + h];
    }
}

static void mean_init(struct model *mean, const struct set *s, size_t hidden)
{
    model_init(mean, s, hidden);
    memset(mean->weights, 0, s->kept_n * mean->width * sizeof *mean->weights);
    memset(mean->bias, 0, sizeof mean->bias);
}

static int train(const char *path, const char *without, const struct plan *plan)
{
    struct set s = {0};
    struct model mean = {0};

    if (plan->blank)
        kind_find(&s, TYPE_ASSESSMENT, POLARITY_NEUTRAL);
    else if (set_read(&s, stdin, without) < 0)
        return EX_DATAERR;
    rows_count(&s);
    rows_number(&s);
    mean_init(&mean, &s, plan->members * plan->hidden);
    for (size_t i = 0; i < s.clauses_n; i++)
        values_set(&mean, s.entries + s.clauses[i].first, s.clauses[i].n);
    for (size_t k = 0; k < plan->members; k++) {
        struct model m = {0};

        model_init(&m, &s, plan->hidden);
        learn(&m, &s, plan->epochs);
        member_add(&mean, &m, &s, k, plan->members);
        model_free(&m);
    }
    fprintf(stderr, "train: %zu clauses, %zu findings, %zu rows\n", s.clauses_n, s.findings_n,
            s.kept_n);
    return model_write(&mean, &s, plan->threshold, path);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"without", required_argument, NULL, 'w'},
        {"epochs", required_argument, NULL, 'e'},
        {"hidden", required_argument, NULL, 'h'},
        {"threshold", required_argument, NULL, 't'},
        {"members", required_argument, NULL, 'm'},
        {"blank", no_argument, NULL, 'b'},
        {NULL, 0, NULL, 0},
    };
    const char *without = NULL;
    struct plan plan = {.epochs = 15, .hidden = 32, .members = 3, .threshold = 0.15F};
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'w':
            without = optarg;
            break;
        case 'e':
            plan.epochs = strtoul(optarg, NULL, 10);
            break;
        case 'h':
            plan.hidden = strtoul(optarg, NULL, 10);
            break;
        case 't':
            plan.threshold = strtof(optarg, NULL);
            break;
        case 'm':
            plan.members = strtoul(optarg, NULL, 10);
            break;
        case 'b':
            plan.blank = true;
            break;
        default:
            return EX_USAGE;
        }
    }
    if (optind + 1 != argc || plan.hidden > HIDDEN_MAX || plan.members == 0) {
        fprintf(stderr, "usage: train [--without GROUP] [--epochs N] [--hidden N] [--members N] "
                        "[--threshold P] [--blank] OUT\n");
        return EX_USAGE;
    }
    return train(argv[optind], without, &plan);
}
