// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/journal.h"

#include "archive/loss_map.h"
#include "core/directory.h"
#include "core/json_reader.h"
#include "core/json_text.h"
#include "core/small_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VERSION 1
#define MOST_NAMES 10000
#define MOST_LINE 128
#define BUFFER_BYTES 4096
#define BOOT_ID_BYTES 64

// Flushes, of which there are some a second, between two syncs of one that has no losses
// to tell: what became of the samples meanwhile is not known after a power cut.
#define FLUSHES_PER_SYNC 32

struct audyn_journal {
    int fd;
    size_t root_length; // of the archive's directory
    char path[PATH_MAX];
    char text[BUFFER_BYTES]; // that is not in the file yet
    size_t length;
    uint64_t classified, told; // until there; and as the file says
    bool failed;               // the file has no whole last line
    bool named;                // on disk; of the thread that syncs
    bool noted;                // a line that is not to be lost, since the last flush
    bool urgent;      // what is on disk tells less than it must; of flush and sync
    unsigned flushes; // since the last sync; as this
};

static void
write_out(audyn_journal_t *journal)
{
    const char *at = journal->text;
    while (journal->length && !journal->failed) {
        const ssize_t n = TEMP_FAILURE_RETRY(write(journal->fd, at, journal->length));
        journal->failed = n <= 0;
        at += n > 0 ? n : 0;
        journal->length -= n > 0 ? (size_t)n : 0;
    }
    journal->length = 0;
}

static void
add_line(audyn_journal_t *journal, const char *line)
{
    const size_t size = strlen(line);
    if (journal->length + size > sizeof journal->text) {
        write_out(journal);
    }
    memcpy(journal->text + journal->length, line, size);
    journal->length += size;
}

// Another one after each start of the system; empty where it has none.
static void
read_boot_id(char id[BOOT_ID_BYTES])
{
    size_t size = 0;
    if (audyn_small_file_read("/proc/sys/kernel/random/boot_id", id, BOOT_ID_BYTES, &size,
                              NULL)) {
        size = 0;
    }
    id[size] = '\0';
    id[strcspn(id, "\n")] = '\0';
}

// The first line may be longer than the buffer.
static audyn_status_t
write_head(audyn_journal_t *journal, const char *base, const audyn_entry_t *outline)
{
    char *entry = audyn_entry_write(outline);
    char boot_id[BOOT_ID_BYTES];
    read_boot_id(boot_id);
    json_t *head = json_pack("{s:i, s:s, s:o, s:o}", "audyn_journal", VERSION, "boot_id",
                             boot_id, "base", audyn_json_text(base), "entry",
                             entry ? json_loads(entry, 0, NULL) : NULL);
    free(entry);
    char *line = head ? json_dumps(head, JSON_COMPACT) : NULL;
    json_decref(head);
    if (!line) {
        return AUDYN_NO_MEMORY;
    }
    for (size_t done = 0; done < strlen(line); done += MOST_LINE) {
        char part[MOST_LINE + 1];
        snprintf(part, sizeof part, "%s", line + done);
        add_line(journal, part);
    }
    add_line(journal, "\n");
    free(line);
    write_out(journal);
    return journal->failed ? audyn_status_from_errno(errno) : AUDYN_OK;
}

// Returns 0 or an errno value.
static int
create_file(audyn_journal_t *journal, const char *archive, const audyn_entry_t *outline)
{
    journal->root_length = strlen(archive);
    int length = snprintf(journal->path, sizeof journal->path,
                          "%s/" AUDYN_JOURNAL_FOLDER "/%s-%" PRIu64, archive,
                          outline->stream, outline->segment.first.position);
    if (length + 32 > (int)sizeof journal->path) {
        return ENAMETOOLONG;
    }
    int cause = audyn_directory_make_for(journal->path);
    for (unsigned n = 1; !cause && journal->fd < 0 && n < MOST_NAMES; ++n) {
        snprintf(journal->path + length, 32, n > 1 ? "-%u%s" : "%.0u%s", n > 1 ? n : 0,
                 AUDYN_JOURNAL_ENDING);
        journal->fd =
            open(journal->path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
        cause = journal->fd < 0 && errno != EEXIST ? errno : 0;
    }
    return cause ? cause : journal->fd < 0 ? EEXIST : 0;
}

audyn_status_t
audyn_journal_create(audyn_journal_t **out, const char *archive, const char *base,
                     const audyn_entry_t *outline, audyn_error_t *error)
{
    *out = NULL;
    audyn_journal_t *journal = calloc(1, sizeof *journal);
    if (!journal) {
        return audyn_error_set(error, AUDYN_NO_MEMORY, "no memory for a journal");
    }
    journal->fd = -1;
    journal->urgent = true;
    journal->classified = journal->told = outline->segment.first.position;
    audyn_status_t status =
        audyn_status_from_errno(create_file(journal, archive, outline));
    if (!status) {
        status = write_head(journal, base, outline);
    }
    if (status) {
        audyn_error_set(error, status, "the journal %s cannot be written: %s",
                        journal->path, audyn_strerror(status));
        audyn_journal_remove(journal);
        return status;
    }
    *out = journal;
    return AUDYN_OK;
}

void
audyn_journal_classify(audyn_journal_t *journal, const audyn_span_t *span)
{
    journal->classified = span->position + span->sample_frames;
    if (span->class != AUDYN_SAMPLE_RECEIVED) {
        char line[MOST_LINE];
        snprintf(
            line, sizeof line,
            "{\"position\":%" PRIu64 ",\"sample_frames\":%" PRIu64 ",\"class\":\"%s\"}\n",
            span->position, span->sample_frames, audyn_sample_class_name(span->class));
        add_line(journal, line);
        journal->noted = true;
    }
}

void
audyn_journal_note_hole(audyn_journal_t *journal, const char *class, uint64_t began)
{
    char line[MOST_LINE];
    snprintf(line, sizeof line, "{\"hole\":\"%s\",\"began\":%" PRIu64 "}\n", class,
             began);
    add_line(journal, line);
    write_out(journal);
    journal->noted = true;
}

void
audyn_journal_flush(audyn_journal_t *journal)
{
    if (journal->classified == journal->told && !journal->noted) {
        return;
    }
    char line[MOST_LINE];
    snprintf(line, sizeof line, "{\"classified\":%" PRIu64 "}\n", journal->classified);
    add_line(journal, line);
    write_out(journal);
    journal->told = journal->classified;
    journal->urgent |= ++journal->flushes >= FLUSHES_PER_SYNC || journal->noted;
    journal->noted = false;
}

// The content is on disk before the name is, so that there is never half a first line.
// Returns 0 or an errno value.
static int
put_on_disk(audyn_journal_t *journal)
{
    if (TEMP_FAILURE_RETRY(fdatasync(journal->fd))) {
        return errno;
    }
    int cause = 0;
    if (!journal->named) {
        cause = audyn_directory_sync_for(journal->path);
        cause = cause ? cause
                      : audyn_directory_sync_below(journal->path, journal->root_length);
        journal->named = !cause;
    }
    return cause;
}

audyn_status_t
audyn_journal_sync(audyn_journal_t *journal)
{
    if (!journal->urgent) {
        return AUDYN_OK;
    }
    const int cause = put_on_disk(journal);
    journal->urgent = cause;
    journal->flushes = 0;
    return audyn_status_from_errno(cause);
}

void
audyn_journal_remove(audyn_journal_t *journal)
{
    if (journal->fd >= 0) {
        unlink(journal->path);
    }
    audyn_journal_close(journal);
}

void
audyn_journal_close(audyn_journal_t *journal)
{
    if (journal) {
        if (journal->fd >= 0) {
            close(journal->fd);
        }
        free(journal);
    }
}

// Whoever wrote the journal: recovery changes no file but the stream's own.
static bool
is_in_folder(const char *base, const char *stream)
{
    const size_t length = strlen(stream);
    return !strncmp(base, stream, length) && base[length] == '/' &&
           audyn_directory_is_below(base);
}

static bool
read_head(const char *path, const json_t *head, audyn_journal_content_t *content,
          audyn_error_t *error)
{
    audyn_json_reader_t reader = {.path = path, .error = error};
    char now[BOOT_ID_BYTES];
    char then[BOOT_ID_BYTES] = "";
    read_boot_id(now);
    audyn_json_read_text(&reader, head, "boot_id", then, sizeof then, false);
    content->is_of_this_boot = *now && !strcmp(now, then);
    if (audyn_json_read_integer(&reader, head, "audyn_journal", 1, VERSION, true)) {
        audyn_json_read_text(&reader, head, "base", content->base, sizeof content->base,
                             true);
    }
    const json_t *entry = audyn_json_find_object(&reader, head, "entry", true);
    char *text = reader.status ? NULL : json_dumps(entry, 0);
    const bool read =
        text && !audyn_entry_parse(&content->outline, path, text, strlen(text), error);
    free(text);
    if (read && content->outline.kind != AUDYN_ENTRY_SEGMENT) {
        audyn_json_refuse(&reader, "entry", "is not one of a segment");
    } else if (read && !is_in_folder(content->base, content->outline.stream)) {
        audyn_json_refuse(&reader, "base", "does not lie in the folder of its stream");
    }
    if (read && reader.status) {
        audyn_entry_finish(&content->outline);
    }
    return read && !reader.status;
}

// False where it is no whole line of a journal: nothing behind it counts.  They are in
// order, so that what became of all samples before a span is known too.
static bool
read_line(const json_t *line, audyn_journal_content_t *content)
{
    json_int_t position, sample_frames = 0;
    const char *class;
    json_t *object = (json_t *)line;
    if (!json_unpack(object, "{s:s, s:I}", "hole", &class, "began", &position)) {
        if (position < 0) {
            return false;
        }
        audyn_entry_span_t *hole = &content->outline.segment.hole;
        hole->position = (uint64_t)position;
        snprintf(hole->class, sizeof hole->class, "%s", class);
        return true;
    }
    const bool is_span = json_unpack(object, "{s:I}", "classified", &position);
    if ((is_span && json_unpack(object, "{s:I, s:I, s:s}", "position", &position,
                                "sample_frames", &sample_frames, "class", &class)) ||
        position < (json_int_t)content->classified || sample_frames < 0 ||
        sample_frames > INT64_MAX - position ||
        (is_span && audyn_entry_add_span(&content->outline, (uint64_t)position,
                                         (uint64_t)sample_frames, class))) {
        return false;
    }
    content->classified = (uint64_t)position + (uint64_t)sample_frames;
    return true;
}

// NULL where the line is not whole.
static json_t *
next_line(FILE *file, char **text, size_t *room)
{
    const ssize_t length = getline(text, room, file);
    const bool whole = length > 0 && (*text)[length - 1] == '\n';
    return whole ? json_loadb(*text, (size_t)length, 0, NULL) : NULL;
}

static audyn_status_t
read_file(FILE *file, const char *path, audyn_journal_content_t *content,
          audyn_error_t *error)
{
    char *text = NULL;
    size_t room = 0;
    json_t *line = next_line(file, &text, &room);
    bool whole = line;
    if (line && read_head(path, line, content, error)) {
        content->classified = content->outline.segment.first.position;
        do {
            json_decref(line);
            line = next_line(file, &text, &room);
        } while (line && read_line(line, content));
    } else if (!whole) {
        audyn_error_set(error, AUDYN_BAD_DATA, "%s: its first line is not whole", path);
    }
    const bool read = content->outline.segment.sample_frames;
    json_decref(line);
    free(text);
    return read ? AUDYN_OK : AUDYN_BAD_DATA;
}

audyn_status_t
audyn_journal_read(const char *path, audyn_journal_content_t *content,
                   audyn_error_t *error)
{
    memset(content, 0, sizeof *content);
    FILE *file = fopen(path, "re");
    if (!file) {
        const audyn_status_t status = audyn_status_from_errno(errno);
        return audyn_error_set(error, status, "%s cannot be read: %s", path,
                               audyn_strerror(status));
    }
    const audyn_status_t status = read_file(file, path, content, error);
    fclose(file);
    return status;
}
