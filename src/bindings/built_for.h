/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel that the module was built for. */
#ifndef _ANYCAST6_BUILT_FOR_H
#define _ANYCAST6_BUILT_FOR_H

#include <linux/buildid.h>

/* The build ID of that kernel in hex digits. */
#define ANYCAST6_BUILD_ID_DIGITS	(2 * BUILD_ID_SIZE_MAX)
extern const char anycast6_built_for[ANYCAST6_BUILD_ID_DIGITS + 1];

#endif /* _ANYCAST6_BUILT_FOR_H */
