/* SPDX-License-Identifier: MIT */
/*
 * The owner's own files of knowledge: all *.tsv in /etc/cordon/data.d, or in the folder that CORDON_DATA_DIR names (set
 * to nothing: none). They are read whole, in the order of their names, within bounds: 64 files of 1 MB. What stands in
 * them the catalogue checks.
 */
#pragma once

#include "base/knowledge.h"

#include <stdbool.h>

#define OWNER_FOLDER "/etc/cordon/data.d"

enum { OWNER_FILES_MAX = 64, OWNER_FILE_BYTES_MAX = 1000000 };

struct owner_data {
	struct knowledge_file files[OWNER_FILES_MAX]; /* names are paths; both are ours to free */
	size_t n;
};

/*
 * Adds the folder's files to *d. No folder there is no error where nobody named one. Says what went wrong and returns an
 * exit status; pair with owner_data_fini() in any case. *d is {0} at first.
 */
int owner_data_read(struct owner_data *d);

/* Adds one file, or all *.tsv of a folder. */
int owner_data_add(struct owner_data *d, const char *path);

void owner_data_fini(struct owner_data *d);
