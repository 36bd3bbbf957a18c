// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/segment_place.h"

#include "core/directory.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

uint64_t
audyn_segment_cut(const audyn_layout_t *layout, const audyn_media_rate_t *rate,
                  uint64_t position)
{
    const int64_t tai_s = audyn_media_tai_ns(position, rate) / AUDYN_NS_PER_SECOND;
    const int64_t cut_ns = audyn_layout_next_cut(layout, tai_s) * AUDYN_NS_PER_SECOND;
    return audyn_media_first_position(cut_ns, rate);
}

void
audyn_segment_path(const char *base, const char *ending, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%.*s.%s", PATH_MAX - AUDYN_SEGMENT_ENDING, base, ending);
}

static bool
is_taken(audyn_chain_t *chain, const char *base)
{
    static const char *const endings[] = {"json", "json.sig", "wav", "flac", "opus"};
    bool taken = false;
    for (size_t i = 0; !taken && i < sizeof endings / sizeof *endings; ++i) {
        char path[PATH_MAX];
        audyn_segment_path(base, endings[i], path);
        struct stat about;
        taken = !lstat(path, &about);
    }
    char sidecar[PATH_MAX];
    audyn_segment_path(base, "json", sidecar);
    return taken || (chain && audyn_chain_knows(
                                  chain, sidecar + strlen(audyn_chain_path(chain)) + 1));
}

audyn_status_t
audyn_segment_number_base(audyn_chain_t *chain, const char *folder, const char *name,
                          char base[PATH_MAX])
{
    const int length = snprintf(base, PATH_MAX, "%s/%s", folder, name);
    if (length + AUDYN_SEGMENT_ENDING >= PATH_MAX) {
        return AUDYN_TOO_LARGE;
    }
    const int cause = audyn_directory_make_for(base);
    if (cause) { // one that is none, or cannot be searched
        return audyn_status_from_errno(cause);
    }
    bool taken = is_taken(chain, base);
    for (unsigned n = 2; taken && n <= 99999; ++n) {
        snprintf(base + length, AUDYN_SEGMENT_ENDING, "-%u", n);
        taken = is_taken(chain, base);
    }
    return taken ? AUDYN_DENIED : AUDYN_OK;
}

audyn_status_t
audyn_segment_choose_base(audyn_chain_t *chain, const audyn_layout_t *layout,
                          const audyn_media_rate_t *rate, const char *folder,
                          uint64_t position, char base[PATH_MAX])
{
    char name[AUDYN_LAYOUT_PATH];
    const audyn_status_t status =
        audyn_layout_path(layout, audyn_media_tai_ns(position, rate), name, sizeof name);
    return status ? status : audyn_segment_number_base(chain, folder, name, base);
}
