// SPDX-License-Identifier: GPL-2.0
/* The version of the module. Nowhere else does the number stand: see CHANGELOG.md. */
#include <linux/module.h>

MODULE_VERSION("0.1.0-dev");
