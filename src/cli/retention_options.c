// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/retention_options.h"

#include <getopt.h>

audyn_status_t
audyn_retention_option_read(audyn_retention_policy_t *policy, int option,
                            audyn_error_t *error)
{
    switch (option) {
    case AUDYN_OPTION_RETAIN:
        return audyn_retention_parse(policy, optarg, error);
    case AUDYN_OPTION_LEAST_FREE:
        return audyn_retention_parse_free(policy, optarg, error);
    default:
        policy->trust_clock = true;
        return AUDYN_OK;
    }
}
