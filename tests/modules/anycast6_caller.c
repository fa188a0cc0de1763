// SPDX-License-Identifier: GPL-2.0
/* The caller that has the functions from the project's header. */
#include <anycast6.h>
#include "caller.h"

MODULE_DESCRIPTION("Test caller of the anycast6 in-kernel API");
MODULE_LICENSE("GPL");
