/* SPDX-License-Identifier: MIT */
/* The pages of cameras with one account: camera_kind.pages of 2014 and 2015. */
#pragma once

#include "http.h"

void pages_basic(struct camera *c, struct request *r, struct page *p);
void pages_digest(struct camera *c, struct request *r, struct page *p);
