/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzz target over seed files, each once, without libFuzzer: so `make test` replays every seed and every
 * crash ever found under ASan and UBSan with any compiler. Arguments are files; the caller lists the folders.
 * Each input gets a heap block of exactly its own size, so that a read past its end is a finding.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path)
{
	int rc = -1;
	uint8_t *data = NULL;
	FILE *f = fopen(path, "rb");
	if (!f)
		goto out;
	if (fseek(f, 0, SEEK_END) != 0)
		goto out;
	long size = ftell(f);
	if (size < 0 || fseek(f, 0, SEEK_SET) != 0)
		goto out;
	data = malloc((size_t)size);
	if (size > 0 && (!data || fread(data, 1, (size_t)size, f) != (size_t)size))
		goto out;
	LLVMFuzzerTestOneInput(data, (size_t)size);
	rc = 0;
out:
	if (rc != 0)
		fprintf(stderr, "%s: cannot be read: %s\n", path, strerror(errno));
	free(data);
	if (f)
		fclose(f);
	return rc;
}

int main(int argc, char **argv)
{
	int failed = 0;

	for (int i = 1; i < argc; i++)
		failed += replay(argv[i]) != 0;
	printf("%d passed, %d failed\n", argc - 1 - failed, failed);
	return failed != 0;
}
