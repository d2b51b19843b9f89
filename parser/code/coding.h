/*
 * Between the files of the code stage. code.c walks the sentences; each of the others answers one
 * question about a clause:
 *
 *     sentence -> clauses.c -> clause -> view.c -> what the rules see in it
 *         features.c      the same, for the scorer
 *         scorer.c        how likely is each topic, each type and polarity?
 *         topics.c        what does it speak of?
 *         polarity.c      how well does it say that things are?
 *         types.c         does it judge, ask, follow up, report?
 *         followup.c      what became of which recommendations?
 *         stance.c        whose words does the sentence pass on, and how?
 *         attribution.c   whose judgement is it then?
 *         evidence.c      where does it say so?
 *         uncoded.c       why is nothing said?
 *         quantities.c    which numbers does it give?
 *         relations.c     what ties the findings together?
 *
 * Seeing and deciding are kept apart: a `struct view` is all that topics, polarity and type of a
 * clause are decided from, so that another way to decide needs no other way to see.
 */
#ifndef POLLWATCH_PARSER_CODE_CODING_H
#define POLLWATCH_PARSER_CODE_CODING_H

#include "parser/code/rulebook.h"
#include "parser/lexicon.h"
#include "parser/text.h"

/* A phrase of the rulebook where it stands in the text. */
struct cue {
    const struct cue_rule *rule;
    struct range at;
};

typedef LIST_OF(struct cue) cue_list;

struct seen;
struct view;

/* One document while it is coded. */
struct coding {
    const struct rulebook *book;
    const struct lexicon *lexicon;
    const struct text *text;
    struct arena *arena;
    struct coded_statement *out;
    cue_list cues;          /* in order; none inside a longer one that does the same work */
    mentions mentions;      /* in order */
    struct view *sentences; /* what is seen in each sentence as a whole; index as in the text */
    LIST_OF(struct seen) units;

    struct span issuer;   /* slug */
    struct span holder;   /* whose judgements the text's own are: ieom for a joint mission */
    bool issuer_observes; /* the issuer is a mission itself, so "observers" are its own */
    bool as_delivered;    /* one person speaks the whole text */

    /* What the next clause may lean on. */
    enum topic heading[2];         /* of the section, most likely first */
    struct range last_quote;       /* words of the quotation that was attributed last */
    const struct speaker *speaker; /* who said them */
    bool endorsing; /* the issuer has made a report's view its own in this paragraph */
    uint32_t paragraph;
    bool under_advice;   /* below "Recommendations" */
    bool listing_advice; /* behind "The mission urges:" */
    struct {
        uint32_t at;
        uint32_t code_points; /* before `at` */
    } counted;                /* so that a text is counted through once */
    struct span reporter;     /* whose report the issuer has taken a position on, or null */
};

struct clause {
    struct range at;
    struct range read; /* what of it is looked at: not ", said X, head of the mission" */
    const struct sentence *sentence;
    enum weight weight;
    bool is_split; /* its sentence has more clauses than this */
};

typedef LIST_OF(struct clause) clause_list;

/* The cues of one topic in one clause. */
struct topic_seen {
    enum topic topic;
    enum topic_mode mode;
    int score;       /* against TOPIC_THRESHOLD */
    int best;        /* weight of the strongest cue */
    struct range at; /* where that stands */
    float p;         /* how likely the clause speaks of it, once the scorer has been asked */
};

/* What the rules see in a clause. */
struct view {
    const struct clause *clause;
    const struct cue *cues;
    size_t n;
    const struct cue *first[CUE_CLASS_COUNT]; /* of each class, or NULL */
    struct topic_seen topics[TOPIC_COUNT];
    size_t words;
    bool has_figure;
    bool is_advised; /* an item in a list of what should be done */
};

/* A clause with what was seen in it, before anything is decided. */
struct seen {
    const struct clause *clause;
    struct view view;
    enum topic heading[2];      /* above it */
    enum uncoded_reason reason; /* that its sentence may have for not being coded */
    unsigned sentence_has;      /* bit i: its sentence has a cue of sentence_classes[i] */
};

#define SENTENCE_CLASSES 4
extern const enum cue_class sentence_classes[SENTENCE_CLASSES];

#define TOPICS_PER_CLAUSE 4 /* codebook 1.3 */

struct topic_choice {
    struct topic_seen items[TOPICS_PER_CLAUSE];
    size_t n;
    /* What the step is for that the clause asks for (codebook, hard case 1). */
    enum topic about[TOPICS_PER_CLAUSE];
    size_t about_n;
};

/* What a clause says about one topic. */
struct judgement {
    double good; /* weight of what speaks for it */
    double bad;
    enum polarity polarity; /* NONE: no word of judgement */
    enum intensity intensity;
    enum trend trend;
    enum extent extent;
};

/* ---- view.c ---- */

struct span coding_words(const struct coding *c, struct range at);

/* White-space separated words in a range. */
size_t coding_count_words(const struct coding *c, struct range at);

/* The quotation that a good part of `at` stands in, or NULL. */
const struct quote *coding_quote(const struct coding *c, struct range at);

bool range_holds(struct range outer, struct range inner);

/* Finds all cues of the text; those inside a longer one of the same kind are left out. */
void view_find_cues(struct coding *c);
void view_look(const struct coding *c, const struct clause *clause, struct view *out);
/* Of a sentence as a whole; looked at once, before its clauses are. */
const struct view *view_of_sentence(const struct coding *c, const struct sentence *s);
/* A topic in a view; where no cue names it, it stands in all of the clause. */
struct topic_seen view_topic(const struct view *v, enum topic topic);
/* The score of the topic that the cues speak most for. */
int view_best_score(const struct view *v);

/* ---- one question each ---- */

void clauses_split(const struct coding *c, const struct sentence *sentence, clause_list *out);

struct scored; /* parser/code/scorer.h */

void topics_decide(const struct view *v, const struct scored *scored, struct topic_choice *out);
/* For a clause that has no topic of its own: "they were curtailed". */
void topics_take_over(enum topic topic, const struct view *v, struct topic_choice *out);

struct judgement polarity_judge(const struct coding *c, const struct view *v,
                                const struct topic_seen *topic);

/* `j` is the judgement on `topic`; also settles the polarity that goes with the type. */
enum finding_type types_decide(const struct coding *c, const struct view *v,
                               const struct topic_seen *topic, struct judgement *j);
struct recommendation *types_recommendation(const struct coding *c, const struct view *v);
enum truth types_implies_gap(enum finding_type type);

/* NULL: the clause does not say what became of a recommendation. */
struct followup *followup_read(const struct coding *c, const struct view *v);
enum polarity followup_polarity(const struct followup *f);
/* Of a clause that is known to say so: what words don't tell, its polarity does. Never NULL. */
struct followup *followup_of(const struct coding *c, const struct view *v, enum polarity polarity);

/* The source whose words a sentence passes on, and the verb that says so. */
struct source {
    struct span slug; /* null: none but the issuer */
    enum stance stance;
    const struct cue *verb; /* NULL: none */
    struct span informants; /* "teachers and nurses" who told it, or null */
    bool is_closing;        /* the verb stands behind what it passes on, or ahead of its source */
};

struct source stance_find(const struct coding *c, const struct view *v, enum finding_type type);

/* The state that the statement is about, as an actor; null when there are several or none. */
struct span coding_state(const struct coding *c);

/* Whose the judgements of a body are: gb-fcdo's are held by gb. */
struct span coding_holder_of(const struct coding *c, struct span slug);

void attribution_find(struct coding *c, const struct view *v, enum finding_type type,
                      struct attribution *out);

/* What the issuer itself says of the words that it passes on. */
void attribution_own(const struct coding *c, const struct view *v, struct attribution *out);

/* Who made others do what the clause tells: "officials had instructed them to …"; null: nobody. */
struct span attribution_actor(const struct coding *c, struct range clause);

void evidence_make(struct coding *c, const struct clause *clause, struct evidence *out);

/* The numbers of `s` go to its findings, which start at `first`. */
void quantities_attach(struct coding *c, const struct sentence *s, size_t first);

/* Ordinals, ids and relations, once all findings are there. */
void relations_finish(struct coding *c);

/* A heading in the body, or what stands around it: nothing in it is coded. */
bool uncoded_for_certain(const struct sentence *s);
/* A reason that speaks against coding a sentence, or NONE. */
enum uncoded_reason uncoded_before(const struct coding *c, const struct view *v);
/* The reason of a sentence in which nothing was found. */
enum uncoded_reason uncoded_after(const struct view *v);

#endif
