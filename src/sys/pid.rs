// SPDX-License-Identifier: GPL-2.0

//! Processes, as they are numbered.
//!
//! C header: `include/linux/pid.h`

use super::face::Face;
use crate::bindings;
use kernel::sync::aref::ARef;

face! {
    /// `struct pid`: the number of a process in each PID namespace that sees it. It outlives the process; the
    /// numbers may then be given to others.
    Pid(bindings::pid)
}

counted!(Pid, bindings::anycast6_helper_get_pid, bindings::put_pid);

impl Pid {
    /// That of the current process, all of whose threads have the same.
    pub(crate) fn current() -> ARef<Self> {
        // SAFETY: A task has it for as long as it runs.
        unsafe { Self::from_raw(bindings::anycast6_helper_current_tgid()) }.into()
    }

    /// The number in the PID namespace of the current task, zero where that does not see the process.
    pub(crate) fn number(&self) -> i32 {
        // SAFETY: It is alive.
        unsafe { bindings::pid_vnr(self.as_ptr()) }
    }
}
