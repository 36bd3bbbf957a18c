// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "sink/comments.h"

#include "core/clock.h"
#include "sink/bext.h"

#include <inttypes.h>
#include <stdio.h>

void
sink_texts_init(sink_texts_t *texts, const audyn_sink_config_t *config)
{
    texts->sample_rate = config->sample_rate;
    snprintf(texts->description, sizeof texts->description, "%s",
             config->description ? config->description : "");
    snprintf(texts->source, sizeof texts->source, "%s",
             config->source ? config->source : "");
    snprintf(texts->station, sizeof texts->station, "%s",
             config->station ? config->station : "");
}

bool
sink_comments(const sink_texts_t *texts, const audyn_sink_start_t *start,
              bool (*add)(void *context, const char *key, const char *value),
              void *context)
{
    const audyn_sink_config_t config = {
        .sample_rate = texts->sample_rate,
        .description = texts->description,
        .source = texts->source,
        .station = *texts->station ? texts->station : NULL,
    };
    audyn_bext_t bext;
    audyn_bext_init(&bext, &config);
    const audyn_media_rate_t rate = {texts->sample_rate, start->rate_numerator,
                                     start->rate_denominator};
    audyn_bext_set_start(&bext, texts->sample_rate,
                         audyn_media_nominal(start->position, &rate),
                         start->tai_offset_s);
    char date[32];
    char position[24];
    char time_reference[24];
    snprintf(date, sizeof date, "%sT%sZ", bext.origination_date, bext.origination_time);
    snprintf(position, sizeof position, "%" PRIu64, start->position);
    snprintf(time_reference, sizeof time_reference, "%" PRIu64, bext.time_reference);
    const struct {
        const char *key, *value;
    } comments[] = {
        {"DESCRIPTION", texts->description},
        {"ORIGINATOR", bext.originator},
        {"STATION", texts->station},
        {"ORIGINATOR_REFERENCE", bext.originator_reference},
        {"SOURCE", texts->source},
        {"DATE", date},
        {"POSITION", position},
        {"TIME_REFERENCE", time_reference},
    };
    for (size_t i = 0; i < sizeof comments / sizeof *comments; ++i) {
        if (*comments[i].value && !add(context, comments[i].key, comments[i].value)) {
            return false;
        }
    }
    return true;
}
