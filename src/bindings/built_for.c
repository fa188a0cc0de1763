// SPDX-License-Identifier: GPL-2.0
/* The kernel that the module was built for: scripts/build finds its build ID. */
#include <linux/module.h>

#include "built_for.h"

static_assert(sizeof(ANYCAST6_BUILT_FOR) == sizeof(anycast6_built_for));

const char anycast6_built_for[] = ANYCAST6_BUILT_FOR;
MODULE_INFO(built_for, ANYCAST6_BUILT_FOR);
