// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The bytes are a journal, as a crash may leave it.

#include "fuzz_target.h"

#include "archive/journal.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void
check(const audyn_journal_content_t *content)
{
    const audyn_entry_t *outline = &content->outline;
    EXPECT(*content->base && memchr(content->base, 0, sizeof content->base));
    EXPECT(outline->kind == AUDYN_ENTRY_SEGMENT && outline->segment.sample_frames);
    EXPECT(outline->segment.file_count <= AUDYN_ENTRY_FILES);
    EXPECT(memchr(outline->segment.hole.class, 0, sizeof outline->segment.hole.class));
    for (size_t i = 0; i < outline->segment.span_count; ++i) {
        const audyn_entry_span_t *span = &outline->segment.spans[i];
        EXPECT(memchr(span->class, 0, sizeof span->class));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static int fd = -1;
    static char path[64];
    if (fd < 0) {
        fd = memfd_create("fuzz.jsonl", MFD_CLOEXEC);
        EXPECT(fd >= 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    EXPECT(!ftruncate(fd, 0));
    EXPECT(pwrite(fd, bytes, size, 0) == (ssize_t)size);
    static audyn_journal_content_t content;
    audyn_error_t error = {.text = ""};
    const audyn_status_t status = audyn_journal_read(path, &content, &error);
    if (status) {
        EXPECT(status == AUDYN_BAD_DATA);
        EXPECT(strstr(error.text, path));
        return 0;
    }
    check(&content);
    audyn_entry_finish(&content.outline);
    return 0;
}
