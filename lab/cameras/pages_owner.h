/* SPDX-License-Identifier: MIT */
/* The pages of camera-2026: camera_kind.pages and camera_kind.upload. */
#pragma once

#include "http.h"

void pages_owner(struct camera *c, struct request *r, struct page *p);
bool pages_owner_upload(struct camera *c, struct request *r, const void *bytes, size_t n);
