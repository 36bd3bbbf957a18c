// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/output_private.h"

audyn_status_t
audyn_output_begin(audyn_output_t *output, const audyn_sink_start_t *start)
{
    return output->type->begin(output, start);
}

bool
audyn_output_has_room(const audyn_output_t *output)
{
    return output->type->has_room(output);
}

audyn_status_t
audyn_output_write(audyn_output_t *output, const float *samples, uint64_t sample_frames)
{
    return output->type->write(output, samples, sample_frames);
}

void
audyn_output_classify(audyn_output_t *output, const audyn_span_t *span)
{
    output->type->classify(output, span);
}

bool
audyn_output_flush(audyn_output_t *output, bool ended)
{
    return output->type->flush(output, ended);
}

void
audyn_output_sync(audyn_output_t *output)
{
    output->type->sync(output);
}

void
audyn_output_commit(audyn_output_t *output)
{
    output->type->commit(output);
}

audyn_status_t
audyn_output_status(const audyn_output_t *output)
{
    return output->type->status(output);
}

bool
audyn_output_is_complete(const audyn_output_t *output)
{
    return output->type->is_complete(output);
}

void
audyn_output_get_unwritten(const audyn_output_t *output, audyn_unwritten_t *unwritten)
{
    *unwritten = (audyn_unwritten_t){0};
    if (output->type->get_unwritten) {
        output->type->get_unwritten(output, unwritten);
    }
}

uint64_t
audyn_output_sample_frames(const audyn_output_t *output)
{
    return output->type->sample_frames(output);
}

audyn_status_t
audyn_output_close(audyn_output_t *output)
{
    return output ? output->type->close(output) : AUDYN_OK;
}

void
audyn_output_discard(audyn_output_t *output)
{
    if (output) {
        output->type->discard(output);
    }
}
