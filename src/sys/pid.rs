// SPDX-License-Identifier: GPL-2.0

//! Process IDs.
//!
//! C header: `include/linux/pid.h`

use super::face::Face;
use crate::bindings;
use kernel::sync::aref::ARef;

face! {
    /// `struct pid`: the number of a process in each PID namespace that sees it. It outlives the
    /// process; its numbers may be reused then.
    Pid(bindings::pid)
}

counted!(Pid, bindings::anycast6_helper_get_pid, bindings::put_pid);

impl Pid {
    /// The current process's, which all its threads share.
    pub(crate) fn current() -> ARef<Self> {
        // SAFETY: A task has it for as long as it runs.
        unsafe { Self::from_raw(bindings::anycast6_helper_current_tgid()) }.into()
    }

    /// The number in the PID namespace of the current task, zero if the process is not visible
    /// there.
    pub(crate) fn number(&self) -> i32 {
        // SAFETY: It is alive.
        unsafe { bindings::pid_vnr(self.as_ptr()) }
    }
}
