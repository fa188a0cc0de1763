// SPDX-License-Identifier: GPL-2.0

//! The livepatch: the table of replaced functions in the kernel's form, and the callbacks around a
//! transition.
//!
//! C header: `include/linux/livepatch.h`

use super::{
    adoption,
    census::Census,
    conflict::{
        self,
        Conflict, //
    },
    functions,
    klp_mutex::KlpMutex, //
};
use crate::{
    bindings,
    group::registry,
    store::index::OnlyRust,
    sys::{
        face::Face,
        livepatch::Livepatch,
        once::Once,
        owned::Owned,
        trace, //
    },
};
use core::{
    ffi::c_int,
    ptr::{
        null,
        null_mut, //
    },
};
use kernel::{
    error::to_result,
    ffi::c_ulong,
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    },
};

/// Marks the module as a livepatch.
#[link_section = ".modinfo"]
#[used]
static LIVEPATCH: [u8; 12] = *b"livepatch=Y\0";

static FUNCTIONS: Owned<[bindings::klp_func; functions::LEN]> = Owned::new(functions::TABLE);

/// The functions of vmlinux, and the empty object that ends the table.
static OBJECTS: Owned<[bindings::klp_object; 2]> = Owned::new([
    bindings::klp_object {
        name: null(),
        funcs: FUNCTIONS.get().cast(),
        callbacks: bindings::klp_callbacks {
            pre_patch: Some(pre_patch),
            post_patch: Some(post_patch),
            pre_unpatch: Some(pre_unpatch),
            post_unpatch: Some(post_unpatch),
            post_unpatch_enabled: false,
        },
        ..NO_OBJECT
    },
    NO_OBJECT,
]);

const NO_OBJECT: bindings::klp_object = pin_init::zeroed();

/// The groups as a system state (`struct klp_state`): "anycast6" in ASCII. The kernel refuses a
/// cumulative livepatch that does not know it.
const GROUPS: c_ulong = 0x616e_7963_6173_7436;

static STATES: Owned<[bindings::klp_state; 2]> = Owned::new([
    bindings::klp_state {
        id: GROUPS,
        version: 1,
        data: null_mut(),
    },
    pin_init::zeroed(),
]);

static PATCH: Owned<bindings::klp_patch> = Owned::new(bindings::klp_patch {
    objs: OBJECTS.get().cast(),
    states: STATES.get().cast(),
    ..pin_init::zeroed()
});

/// All tasks run Rust. Under `klp_mutex`.
static LIVE: Atomic<bool> = Atomic::new(false);

/// The livepatch before it is enabled.
///
/// # Invariants
///
/// There is one of these, and the livepatch is filled in. The kernel does not know it.
pub(super) struct Patch(());

impl Patch {
    /// The livepatch, as one of `module`.
    pub(super) fn of(module: &'static ThisModule, _once: Once<Self>) -> Self {
        // SAFETY: `_once` shows that nobody knows the livepatch yet.
        unsafe { (*PATCH.get()).mod_ = module.as_ptr().cast() };
        // INVARIANT: It has just got what it lacked, and `_once` is used up.
        Self(())
    }

    /// The livepatch, as it may be asked.
    pub(super) fn livepatch(&self) -> &'static Livepatch {
        // SAFETY: The livepatch is static.
        unsafe { Livepatch::from_raw(PATCH.get()) }
    }

    /// Enables the livepatch: tasks migrate one by one from now on, some after this returns.
    ///
    /// Process context. Fails when the kernel refuses: `EINVAL` if a function is missing, `EBUSY`
    /// if another livepatch has replaced one of them or is in transition, or `ENOMEM`.
    pub(super) fn enable(self) -> Result {
        // SAFETY: The livepatch and all it points to are static and filled in, and the kernel does not know it.
        to_result(unsafe { bindings::klp_enable_patch(PATCH.get()) }).inspect_err(|&err| {
            pr_err!("not loaded, nothing changed: {} ({err:?})\n", explain(err));
        })
    }
}

/// Whether all tasks run Rust, as far as the callbacks told. Under `klp_mutex`.
pub(super) fn is_live() -> bool {
    LIVE.load(Relaxed)
}

/// Whether `module` is this one.
pub(super) fn is_of(module: *mut bindings::module) -> bool {
    // SAFETY: It was written once, before anybody asks.
    module == unsafe { (*PATCH.get()).mod_ }
}

/// The first function of ours that another livepatch has replaced and that is `wanted`.
pub(super) fn find_conflict<'a>(
    _klp: &'a KlpMutex,
    wanted: &dyn Fn(&Conflict<'a>) -> bool,
) -> Option<Conflict<'a>> {
    // SAFETY: The mutex is held, and the livepatch is known to the core once it has been enabled.
    unsafe { conflict::find(OBJECTS.get().cast(), wanted) }
}

/// The reason for a refusal, for the log.
fn explain(err: Error) -> &'static str {
    match err {
        _ if err == EBUSY => "another livepatch is in the way",
        _ if err == EINVAL => "this kernel lacks a function to replace",
        _ => "the kernel refuses the livepatch",
    }
}

/// Called before any task migrates; under `klp_mutex`.
///
/// # Safety
///
/// From the livepatch core, with one of [`OBJECTS`].
unsafe extern "C" fn pre_patch(object: *mut bindings::klp_object) -> c_int {
    // SAFETY: The livepatch core calls with our own object, and holds the mutex.
    let Some(conflict) = (unsafe { conflict::find(object, &|_| true) }) else {
        return 0;
    };
    pr_err!(
        "livepatch '{}' has already replaced {}; disable it first\n",
        conflict.patch,
        conflict.function,
    );
    EBUSY.to_errno()
}

/// Called when all tasks run Rust; under `klp_mutex`.
///
/// # Safety
///
/// From the livepatch core.
unsafe extern "C" fn post_patch(_object: *mut bindings::klp_object) {
    LIVE.store(true, Relaxed);
    // SAFETY: All tasks have moved to Rust, and before one moves back `pre_unpatch()` drops the side tables.
    adoption::adopt(unsafe { OnlyRust::new() });
    let census = Census::take();
    pr_info!("took over {census}\n");
    trace::takeover(census.groups, census.users);
}

/// Called before tasks begin to return to C; under `klp_mutex`.
///
/// # Safety
///
/// From the livepatch core.
unsafe extern "C" fn pre_unpatch(_object: *mut bindings::klp_object) {
    LIVE.store(false, Relaxed);
    registry::hand_back();
}

/// Called when all tasks run C again; under `klp_mutex`.
///
/// # Safety
///
/// From the livepatch core.
unsafe extern "C" fn post_unpatch(_object: *mut bindings::klp_object) {
    let census = Census::take();
    pr_info!("handed back {census}\n");
    trace::handback(census.groups, census.users);
}
