// SPDX-License-Identifier: GPL-2.0

//! The networking code's limit on what it writes to the log (`net.core.message_burst`).
//!
//! C header: `include/linux/net.h`

use crate::bindings;

/// May one more line be written? Any context.
pub(crate) fn passes() -> bool {
    // SAFETY: The call has no preconditions.
    unsafe { bindings::anycast6_helper_net_ratelimit() }
}
