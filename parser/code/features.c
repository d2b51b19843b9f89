#include "parser/code/features.h"

#include <ctype.h>
#include <math.h>

/* Values of what is no word, so that many of them don't drown the words. */
#define CUE_VALUE     0.35F
#define CONTEXT_VALUE 0.2F
#define NEAR_VALUE    0.14F

/* A long word is also known by how it begins: "registering", "registered". */
#define STEM_SHORT 5
#define STEM_LONG  7

#define TOPIC_SCORE_MAX 10
#define LENGTH_STEP     6
#define LENGTH_MAX      6

/* A word longer than this is none. */
#define WORD_BYTES 40

/* ---- keys: FNV-1a over the parts of a name ---- */

#define KEY_SEED  2166136261U
#define KEY_PRIME 16777619U

static uint32_t key_add(uint32_t key, struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        key = (key ^ (unsigned char)s.p[i]) * KEY_PRIME;
    return key;
}

static uint32_t key_of(const char *kind, struct span name)
{
    return key_add(key_add(KEY_SEED, span_of_str(kind)), name);
}

static uint32_t key_of_numbers(const char *kind, int a, int b)
{
    unsigned char bytes[] = {(unsigned char)a, (unsigned char)b};

    return key_of(kind, span_of((const char *)bytes, sizeof bytes));
}

static struct feature *add(const struct coding *c, feature_list *out, uint32_t key, float value,
                           enum feature_kind kind)
{
    struct feature *f = LIST_ADD(c->arena, out);

    *f = (struct feature){.key = key, .value = value, .kind = kind};
    return f;
}

static void add_context(const struct coding *c, feature_list *out, const char *kind, int a, int b,
                        float value)
{
    add(c, out, key_of_numbers(kind, a, b), value, FEATURE_CONTEXT);
}

/* ---- words ---- */

struct word {
    char p[WORD_BYTES];
    size_t n;
    struct range at;
};

static bool is_letter(char c)
{
    return isalpha((unsigned char)c) || (unsigned char)c >= 0x80 || c == '\'';
}

/* U+2019 is the apostrophe of careful typing. */
static bool is_apostrophe(struct span s, size_t at)
{
    return at + 2 < s.n && (unsigned char)s.p[at] == 0xE2 && (unsigned char)s.p[at + 1] == 0x80 &&
           (unsigned char)s.p[at + 2] == 0x99;
}

/* Other signs of General Punctuation part words. */
static bool is_punctuation(struct span s, size_t at)
{
    return at + 2 < s.n && (unsigned char)s.p[at] == 0xE2 && (unsigned char)s.p[at + 1] == 0x80;
}

static void put(struct word *w, char c)
{
    if (w->n < sizeof w->p)
        w->p[w->n++] = (char)tolower((unsigned char)c);
}

/* Reads the number at `at`; all numbers are one word. */
static size_t number_read(struct span s, size_t at, struct word *out)
{
    put(out, '0');
    while (at < s.n && (isdigit((unsigned char)s.p[at]) ||
                        ((s.p[at] == ',' || s.p[at] == '.') && at + 1 < s.n &&
                         isdigit((unsigned char)s.p[at + 1]))))
        at++;
    return at;
}

static size_t letters_read(struct span s, size_t at, struct word *out)
{
    while (at < s.n) {
        if (is_apostrophe(s, at)) {
            put(out, '\'');
            at += 3;
        } else if (is_punctuation(s, at) || !is_letter(s.p[at])) {
            break;
        } else {
            put(out, s.p[at++]);
        }
    }
    return at;
}

/* The next word at or behind `*at`; false at the end. */
static bool word_next(struct span s, uint32_t base, size_t *at, struct word *out)
{
    *out = (struct word){.n = 0};
    while (*at < s.n && out->n == 0) {
        size_t start = *at;

        if (isdigit((unsigned char)s.p[*at])) {
            *at = number_read(s, *at, out);
        } else {
            *at = letters_read(s, *at, out);
            if (*at == start)
                *at += is_punctuation(s, *at) ? 3 : 1;
        }
        out->at = (struct range){base + (uint32_t)start, base + (uint32_t)*at};
    }
    return out->n > 0;
}

/* The words of a clause that were added, by key; open addressing. */
struct word_set {
    uint32_t *keys; /* 0: free */
    size_t mask;
};

/* A word said twice counts once. */
static bool is_new(struct word_set *set, uint32_t key)
{
    size_t at = key & set->mask;

    while (set->keys[at] != 0 && set->keys[at] != key)
        at = (at + 1) & set->mask;
    if (set->keys[at] == key)
        return false;
    set->keys[at] = key;
    return true;
}

static void add_word(const struct coding *c, struct word_set *set, feature_list *out, uint32_t key,
                     struct range at)
{
    if (is_new(set, key ? key : 1))
        add(c, out, key, 1, FEATURE_WORD)->at = at;
}

static void add_words(const struct coding *c, struct range at, feature_list *out)
{
    struct span s = coding_words(c, at);
    struct word_set set = {.mask = 15};
    struct word last = {.n = 0};
    struct word w;
    size_t i = 0;

    /* A word has one byte and one sign behind it at least, and gives up to four features. */
    while (set.mask < 4 * s.n)
        set.mask = 2 * set.mask + 1;
    set.keys = arena_calloc(c->arena, set.mask + 1, sizeof *set.keys);
    while (word_next(s, at.start, &i, &w)) {
        struct span name = span_of(w.p, w.n);

        add_word(c, &set, out, key_of("w ", name), w.at);
        if (last.n > 0) {
            uint32_t key = key_of("2 ", span_of(last.p, last.n));

            add_word(c, &set, out, key_add(key_add(key, SPAN_LIT(" ")), name),
                     (struct range){last.at.start, w.at.end});
        }
        if (w.n > STEM_SHORT)
            add_word(c, &set, out, key_of("s ", span_of(w.p, STEM_SHORT)), w.at);
        if (w.n > STEM_LONG)
            add_word(c, &set, out, key_of("s ", span_of(w.p, STEM_LONG)), w.at);
        last = w;
    }
}

/* ---- cues, and what the rules make of them ---- */

static void add_cues(const struct coding *c, const struct view *v, feature_list *out)
{
    for (size_t i = 0; i < v->n; i++) {
        add(c, out, key_of("cue ", v->cues[i].rule->id), CUE_VALUE, FEATURE_CUE)->at =
            v->cues[i].at;
    }
}

static void add_topics(const struct coding *c, const struct view *v, feature_list *out)
{
    int best = view_best_score(v);

    for (int t = TOPIC_NONE + 1; t < TOPIC_COUNT; t++) {
        const struct topic_seen *seen = &v->topics[t];
        int score = seen->score < TOPIC_SCORE_MAX ? seen->score : TOPIC_SCORE_MAX;

        if (score == 0)
            continue;
        add_context(c, out, "score ", t, 0, CUE_VALUE * (float)score / TOPIC_SCORE_MAX);
        add_context(c, out, "best ", t, seen->best, CUE_VALUE);
        if (seen->score >= TOPIC_THRESHOLD)
            add_context(c, out, "seen ", t, 0, CUE_VALUE);
        if (seen->score == best)
            add_context(c, out, "first ", t, 0, CUE_VALUE);
    }
}

/* ---- what is around ---- */

static void add_neighbour(const struct coding *c, const char *kind, const struct seen *u,
                          feature_list *out)
{
    for (int t = TOPIC_NONE + 1; t < TOPIC_COUNT; t++) {
        if (u->view.topics[t].score >= TOPIC_THRESHOLD)
            add_context(c, out, kind, t, 0, NEAR_VALUE);
    }
}

static void add_neighbours(const struct coding *c, size_t i, feature_list *out)
{
    const struct seen *u = &c->units.items[i];
    uint32_t paragraph = u->clause->sentence->paragraph;

    if (i > 0 && c->units.items[i - 1].clause->sentence->paragraph + 1 >= paragraph)
        add_neighbour(c, "before ", &c->units.items[i - 1], out);
    if (i + 1 < c->units.n && c->units.items[i + 1].clause->sentence->paragraph == paragraph)
        add_neighbour(c, "behind ", &c->units.items[i + 1], out);
}

/* A clause may ask for what another one of its sentence names. */
static void add_sentence(const struct coding *c, const struct seen *u, feature_list *out)
{
    for (int i = 0; i < SENTENCE_CLASSES; i++) {
        if (u->sentence_has & 1U << i)
            add_context(c, out, "sentence ", i, 0, CONTEXT_VALUE);
    }
}

static void add_place(const struct coding *c, const struct seen *u, feature_list *out)
{
    const struct clause *clause = u->clause;
    const struct sentence *s = clause->sentence;
    size_t length = u->view.words / LENGTH_STEP;

    for (size_t i = 0; i < ARRAY_LEN(u->heading); i++) {
        if (u->heading[i] != TOPIC_NONE)
            add_context(c, out, "heading ", u->heading[i], 0, CONTEXT_VALUE);
    }
    add_context(c, out, "section ", s->section, s->is_heading, CONTEXT_VALUE);
    add_context(c, out, "item ", s->is_list_item, u->view.is_advised, CONTEXT_VALUE);
    add_context(c, out, "weight ", clause->weight, clause->is_split, CONTEXT_VALUE);
    add_context(c, out, "figure ", u->view.has_figure, 0, CONTEXT_VALUE);
    add_context(c, out, "quote ", coding_quote(c, clause->at) != NULL, 0, CONTEXT_VALUE);
    add_context(c, out, "genre ", c->out->statement.genre, c->issuer_observes, CONTEXT_VALUE);
    add_context(c, out, "length ", length < LENGTH_MAX ? (int)length : LENGTH_MAX, 0,
                CONTEXT_VALUE);
    if (u->reason != UNCODED_NONE)
        add_context(c, out, "reason ", u->reason, 0, CUE_VALUE);
}

void features_of_unit(const struct coding *c, size_t i, feature_list *out)
{
    const struct seen *u = &c->units.items[i];

    add_words(c, u->clause->read, out);
    add_cues(c, &u->view, out);
    add_topics(c, &u->view, out);
    add_neighbours(c, i, out);
    add_sentence(c, u, out);
    add_place(c, u, out);
}

/* ---- of a topic ---- */

#define BALANCE_MAX 4

static int balance_of(const struct judgement *j)
{
    double balance = round(2 * (j->good - j->bad));

    return (int)fmax(-BALANCE_MAX, fmin(BALANCE_MAX, balance)) + BALANCE_MAX;
}

void features_of_topic(const struct coding *c, const struct view *v, enum topic topic,
                       const struct judgement *j, feature_list *out)
{
    struct topic_seen seen = view_topic(v, topic);
    struct judgement ruled = *j;

    add_context(c, out, "topic ", topic, 0, 1);
    add_context(c, out, "judged ", j->polarity, 0, 0.7F);
    add_context(c, out, "topic judged ", topic, j->polarity, 0.7F);
    add_context(c, out, "balance ", balance_of(j), 0, 0.5F);
    add_context(c, out, "ruled ", types_decide(c, v, &seen, &ruled), ruled.polarity, 0.7F);
}
