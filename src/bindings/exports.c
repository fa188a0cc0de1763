// SPDX-License-Identifier: GPL-2.0
/* Exports of functions that are written in Rust; see src/sys/exports.rs. */
#include <linux/export.h>

#include "../../include/anycast6.h"

EXPORT_SYMBOL_GPL(anycast6_dev_inc);
EXPORT_SYMBOL_GPL(anycast6_dev_dec);
EXPORT_SYMBOL_GPL(ipv6_chk_acast_addr);
