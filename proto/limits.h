/*
 * Every cap on what comes from outside, in one place, each with its reason. Decoders check these
 * before they allocate.
 */
#ifndef POLLWATCH_PROTO_LIMITS_H
#define POLLWATCH_PROTO_LIMITS_H

/* A document's bytes. Real statements are under 1 MiB; the largest report pages near 10 MiB. */
#define LIMIT_BODY_BYTES   ((size_t)64 * 1024 * 1024)
#define DEFAULT_BODY_BYTES ((size_t)20 * 1024 * 1024)

/* One record on the wire or in a segment: a statement carries its whole text. */
#define LIMIT_RECORD_BYTES ((size_t)16 * 1024 * 1024)

/* All records of one statement together, as one RESULT carries them. */
#define LIMIT_RESULT_BYTES ((size_t)48 * 1024 * 1024)

/* The head (frame 2) of a message: a flat map of short texts; URLs are the longest of them. */
#define LIMIT_HEAD_BYTES ((size_t)64 * 1024)

/* MessagePack nesting. The deepest record is statement -> provenance -> text: 4. */
#define LIMIT_DEPTH 16

/* Values in one decoded map, nested ones included: keeps a 1-byte-a-value bomb from growing to
 * gigabytes of objects. A statement with 5,000 sentences has under 60,000. */
#define LIMIT_VALUES ((size_t)2 * 1024 * 1024)

/* Findings of one statement: 5,000 sentences of at most 4 findings. */
#define LIMIT_FINDINGS 20000

/* Frames of one message: routing id or topic, kind, head, bulk. */
#define LIMIT_FRAMES 4

/* A URL, as everywhere on the web. */
#define LIMIT_URL_BYTES ((size_t)8192)

/* Decoded text of a document: beyond this no statement was ever written. */
#define LIMIT_TEXT_BYTES ((size_t)8 * 1024 * 1024)

#endif
