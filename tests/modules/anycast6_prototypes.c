// SPDX-License-Identifier: GPL-2.0
/* The caller that has nothing of the project's, but knows the prototypes. */
#include "prototypes.h"
#include "caller.h"

MODULE_DESCRIPTION("Test caller of the anycast6 in-kernel API by prototypes");
MODULE_LICENSE("GPL");
