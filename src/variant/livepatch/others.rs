// SPDX-License-Identifier: GPL-2.0

//! Other livepatches that are loaded or removed while ours is live.
//!
//! The kernel refuses one that would replace ours without knowing its state (see
//! [`patch`](super::patch)), but not one that stacks on top of single functions of ours. It has no
//! notification for either. So check when the module of a livepatch has been loaded or is about to
//! be removed.
//!
//! While another livepatch has replaced one of the functions that change groups, tasks may run
//! either, as during a transition of our own. So there is no registry then.

use super::{
    adoption,
    census::Census,
    conflict::Conflict,
    functions,
    klp_mutex::KlpMutex,
    patch, //
};
use crate::{
    bindings,
    group::{
        ownership,
        registry, //
    },
    store::index::OnlyRust,
    sys::{
        module_name::ModuleName,
        notifiers::{
            Notifier,
            Registered,
            DONE, //
        },
    },
};
use core::ffi::{
    c_int,
    c_void, //
};
use kernel::{
    ffi::c_ulong,
    fmt,
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    },
};

// SAFETY: The functions are those of the chain that `module_event()` is for.
static MODULES: Notifier = unsafe {
    Notifier::new(
        module_event,
        0,
        bindings::register_module_notifier,
        bindings::unregister_module_notifier,
    )
};

/// Another livepatch has replaced a function that changes groups. Under `klp_mutex`.
static COVERED: Atomic<bool> = Atomic::new(false);

/// The log says already that another livepatch has replaced this one. Under `klp_mutex`.
static TOLD: Atomic<bool> = Atomic::new(false);

/// Begins to watch. Fails with `ENOMEM`.
pub(super) fn watch() -> Result<Registered> {
    Registered::new(&MODULES)
}

/// # Safety
///
/// From the chain of modules, with a module. Process context; RTNL may be held.
unsafe extern "C" fn module_event(
    _block: *mut bindings::notifier_block,
    state: c_ulong,
    module: *mut c_void,
) -> c_int {
    let module: *mut bindings::module = module.cast();
    // SAFETY: The chain calls with a module, which is there meanwhile.
    if unsafe { bindings::anycast6_helper_is_livepatch(module) } && !patch::is_of(module) {
        match state as bindings::module_state {
            bindings::module_state_MODULE_STATE_LIVE => {
                // SAFETY: The module is there meanwhile, and has a name.
                let name = unsafe { ModuleName::copy((*module).name.as_ptr()) };
                look(&KlpMutex::lock(), Some((module, name)))
            }
            bindings::module_state_MODULE_STATE_GOING => look(&KlpMutex::lock(), None),
            _ => (),
        }
    }
    DONE
}

/// Checks which functions another livepatch has replaced. `new`: the module of a livepatch that has
/// just been loaded, and its name.
fn look(klp: &KlpMutex, new: Option<(*mut bindings::module, ModuleName)>) {
    if !patch::is_live() {
        return;
    }
    let is_new = |conflict: &Conflict<'_>| new.is_some_and(|(module, _)| conflict.module == module);
    if let Some(conflict) = patch::find_conflict(klp, &is_new) {
        tell(&conflict);
    } else if let Some((_, name)) = new.filter(|_| ownership::is_replaced()) {
        // All tasks have moved already, and the kernel has forgotten what it gave back.
        tell_replaced(name);
    }
    let changing = |conflict: &Conflict<'_>| functions::changes_groups(conflict.function);
    if ownership::is_replaced() || patch::find_conflict(klp, &changing).is_some() {
        cover();
    } else {
        uncover(klp);
    }
}

/// Once: ours does not come back.
fn tell_replaced(patch: impl fmt::Display) {
    if !TOLD.xchg(true, Relaxed) {
        pr_warn!("livepatch '{patch}' takes the place of anycast6\n");
    }
}

fn tell(conflict: &Conflict<'_>) {
    if conflict.replaces_all {
        tell_replaced(conflict.patch);
    } else {
        pr_warn!(
            "livepatch '{}' has replaced {} on top of anycast6\n",
            conflict.patch,
            conflict.function,
        );
    }
}

fn cover() {
    if !COVERED.xchg(true, Relaxed) {
        pr_warn!("groups are kept as in C while another livepatch changes them\n");
        registry::hand_back();
    }
}

fn uncover(_klp: &KlpMutex) {
    if COVERED.xchg(false, Relaxed) {
        // SAFETY: `look()` has seen that all tasks have moved to Rust, and the mutex is held; before one moves back
        // `patch` drops the side tables.
        adoption::adopt(unsafe { OnlyRust::new() });
        pr_info!("alone again: took over {}\n", Census::take());
    }
}
