// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What the catalog is asked: apart, so that a test can have each explained, to see that
/// it goes by an index.

#ifndef AUDYN_ARCHIVE_CATALOG_SQL_H
#define AUDYN_ARCHIVE_CATALOG_SQL_H

#define CATALOG_FORMAT "sample_rate, rate_numerator, rate_denominator, channels, bits"

#define CATALOG_STREAMS                                                                  \
    "SELECT name, segments, first_ns, end_ns, " CATALOG_FORMAT                           \
    " FROM streams ORDER BY name"

// Of the stream ?1, from ?2 until before ?3.
#define CATALOG_IN_POSITIONS                                                             \
    " s.stream = ?1 AND s.position > ?2 -"                                               \
    " (SELECT longest_frames FROM streams WHERE name = ?1)"                              \
    " AND s.position < ?3 AND s.position + s.sample_frames > ?2"
#define CATALOG_IN_TIME                                                                  \
    " s.stream = ?1 AND s.first_ns > ?2 -"                                               \
    " (SELECT longest_ns FROM streams WHERE name = ?1)"                                  \
    " AND s.first_ns < ?3 AND s.end_ns > ?2"

#define CATALOG_SEGMENTS                                                                 \
    "SELECT s.sequence, e.path, s.position, s.sample_frames, s.first_ns, "               \
    "s.end_ns, " CATALOG_FORMAT                                                          \
    ", received, lost, late, no_frame, no_signal, unclassified"                          \
    " FROM segments s JOIN entries e USING(stream, sequence) WHERE"
#define CATALOG_SEGMENTS_BY_POSITION                                                     \
    CATALOG_SEGMENTS CATALOG_IN_POSITIONS " ORDER BY s.position"
#define CATALOG_SEGMENTS_BY_TIME CATALOG_SEGMENTS CATALOG_IN_TIME " ORDER BY s.first_ns"

#define CATALOG_ALL_FILES                                                                \
    "SELECT f.stream, f.sequence, f.path, f.format, f.encoding, f.bytes, f.sha256,"      \
    " f.sample_frames, f.deleted_by, s.position, s.sample_frames, s.first_ns, s.end_ns"  \
    " FROM files f JOIN segments s USING(stream, sequence) WHERE"
#define CATALOG_FILES CATALOG_ALL_FILES " f.stream = ? AND f.sequence = ?"
#define CATALOG_OLDEST_FILES                                                             \
    CATALOG_ALL_FILES " f.deleted_by IS NULL AND f.end_ns < ?1 ORDER BY f.end_ns"
#define CATALOG_OLDEST_FILES_OF_FORMAT                                                   \
    CATALOG_ALL_FILES " f.deleted_by IS NULL AND f.end_ns < ?1 AND f.format = ?2"        \
                      " ORDER BY f.end_ns"

#define CATALOG_SPANS                                                                    \
    "SELECT s.sequence, p.position, p.sample_frames, p.class"                            \
    " FROM segments s JOIN spans p USING(stream, sequence) WHERE"
#define CATALOG_SPANS_BY_POSITION                                                        \
    CATALOG_SPANS CATALOG_IN_POSITIONS " ORDER BY s.position, p.position"
#define CATALOG_SPANS_BY_TIME                                                            \
    CATALOG_SPANS CATALOG_IN_TIME " ORDER BY s.first_ns, p.position"

// They may be of any length, and are few.
#define CATALOG_HOLES "SELECT sequence, position, sample_frames, class FROM holes WHERE"
#define CATALOG_HOLES_BY_POSITION                                                        \
    CATALOG_HOLES " stream = ?1 AND position < ?3 AND position + sample_frames > ?2"     \
                  " ORDER BY position"
#define CATALOG_HOLES_BY_TIME                                                            \
    CATALOG_HOLES " stream = ?1 AND first_ns < ?3 AND end_ns > ?2 ORDER BY first_ns"

#define CATALOG_HOLDS                                                                    \
    "SELECT stream, sequence, from_position, to_position, from_ns, to_ns, why, who,"     \
    " released_by FROM holds ORDER BY stream, sequence"
#define CATALOG_HOLDS_OF_STREAM                                                          \
    "SELECT stream, sequence, from_position, to_position, from_ns, to_ns, why, who,"     \
    " released_by FROM holds WHERE stream = ? ORDER BY sequence"

#define CATALOG_ENTRIES                                                                  \
    "SELECT sequence, kind, path, sha256 FROM entries"                                   \
    " WHERE stream = ? AND sequence >= ? ORDER BY sequence"
#define CATALOG_CHAIN_END                                                                \
    "SELECT sequence, sha256 FROM entries WHERE stream = ? ORDER BY sequence DESC "      \
    "LIMIT 1"
#define CATALOG_HAS_ENTRY "SELECT 1 FROM entries WHERE path = ?"
#define CATALOG_END_BEFORE                                                               \
    "SELECT end_ns FROM segments WHERE stream = ? AND first_ns < ?"                      \
    " ORDER BY first_ns DESC LIMIT 1"

#define CATALOG_TOTALS                                                                   \
    "SELECT sum(sample_frames), sum(lost), sum(late), sum(no_frame), sum(no_signal),"    \
    " sum(unclassified) FROM segments WHERE stream = ?"
#define CATALOG_HOLE_TOTALS                                                              \
    "SELECT count(*), sum(end_ns - first_ns) FROM holes WHERE stream = ?"
#define CATALOG_SIZES                                                                    \
    "SELECT format, count(*), sum(bytes) FROM files"                                     \
    " WHERE stream = ? AND deleted_by IS NULL GROUP BY format"
#define CATALOG_FIRST_END "SELECT min(end_ns) FROM segments WHERE end_ns >= ?"
#define CATALOG_LAST_END "SELECT max(end_ns) FROM segments WHERE end_ns <= ?"
#define CATALOG_LAST_DELETED                                                             \
    CATALOG_ALL_FILES " f.stream = ?1 AND f.deleted_by ="                                \
                      " (SELECT max(deleted_by) FROM files WHERE stream = ?1)"

#endif
