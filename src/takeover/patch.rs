// SPDX-License-Identifier: GPL-2.0

//! The livepatch: the table of replaced functions in the form that the kernel wants, and what is
//! done when the transition is over.
//!
//! C header: `include/linux/livepatch.h`

use super::{
    census::Census,
    foreign,
    functions, //
};
use crate::{
    bindings,
    events::Events,
    reconcile::{
        self,
        RECONCILE, //
    },
    sys::{
        index::Index,
        joined::JoinedSockets,
        owned::Owned,
        rtnl::Rtnl,
        trace, //
    },
    tables::{
        self,
        TABLES, //
    },
};
use core::{
    ffi::c_int,
    ptr::null, //
};
use kernel::{
    error::to_result,
    prelude::*,
    sync::rcu, //
};

/// Livepatch modules say that they are.
#[link_section = ".modinfo"]
#[used]
static LIVEPATCH: [u8; 12] = *b"livepatch=Y\0";

static FUNCTIONS: Owned<[bindings::klp_func; functions::LEN]> = Owned::new(functions::TABLE);

/// The functions of the kernel proper, and the empty object that ends the table.
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

static PATCH: Owned<bindings::klp_patch> = Owned::new(bindings::klp_patch {
    objs: OBJECTS.get().cast(),
    ..pin_init::zeroed()
});

/// Rust in the place of C, from the moment the kernel agreed until it has switched back.
///
/// # Invariants
///
/// The livepatch has been enabled. The kernel lets the module go only after it has been disabled and
/// no task can be in our code. Fields go in their order then.
pub(crate) struct Takeover {
    _events: Events,
    _joined: JoinedSockets,
    _index: Index,
    _callbacks: Callbacks,
}

/// RCU callbacks of ours: groups that wait to be freed.
struct Callbacks;

impl Takeover {
    /// Enables the livepatch. Tasks move over one by one from now on, some after this returns.
    ///
    /// Process context. Fails when the kernel refuses: a function is missing (`EINVAL`), another
    /// livepatch has one of them or is in transition (`EBUSY`), or `ENOMEM`.
    pub(crate) fn begin(module: &'static ThisModule) -> Result<Self> {
        // SAFETY: This runs once, before anything else of the module does, and nobody knows `PATCH` yet.
        unsafe {
            TABLES.init();
            (*PATCH.get()).mod_ = module.as_ptr().cast();
        }
        let index = Index::begin()?;
        let joined = JoinedSockets::begin()?;
        let events = Events::listen()?;
        // SAFETY: The patch and all it points to are static and filled in.
        let enabled = to_result(unsafe { bindings::klp_enable_patch(PATCH.get()) });
        enabled.inspect_err(|&err| {
            pr_err!("not loaded, nothing changed: {} ({err:?})\n", explain(err));
        })?;
        // INVARIANT: It is enabled.
        Ok(Self {
            _events: events,
            _joined: joined,
            _index: index,
            _callbacks: Callbacks,
        })
    }
}

/// Why the kernel refuses a livepatch, in an operator's words.
fn explain(err: Error) -> &'static str {
    match err {
        _ if err == EBUSY => "another livepatch is in the way",
        _ if err == EINVAL => "this kernel lacks a function to replace",
        _ => "the kernel refuses the livepatch",
    }
}

impl Drop for Callbacks {
    fn drop(&mut self) {
        rcu::rcu_barrier();
    }
}

/// Fills the side tables, and mends what C left broken: now if RTNL is free, else soon. It is not waited
/// for, as whoever has it may be waiting for a module to load, which takes `klp_mutex`.
fn adopt() {
    tables::want();
    match Rtnl::try_lock() {
        Some(rtnl) => {
            if reconcile::reconcile(&rtnl).is_err() {
                reconcile::again_later();
            }
        }
        None => RECONCILE.soon(),
    }
}

/// Before any task moves; under `klp_mutex`.
///
/// # Safety
///
/// From the livepatch core, with one of [`OBJECTS`].
unsafe extern "C" fn pre_patch(object: *mut bindings::klp_object) -> c_int {
    // SAFETY: The livepatch core calls with our own object, and holds the mutex.
    let Some(conflict) = (unsafe { foreign::find(PATCH.get(), object) }) else {
        return 0;
    };
    pr_err!(
        "livepatch '{}' has already replaced {}; disable it first\n",
        conflict.patch,
        conflict.function,
    );
    EBUSY.to_errno()
}

/// All tasks have moved to Rust; under `klp_mutex`.
///
/// # Safety
///
/// From the livepatch core.
unsafe extern "C" fn post_patch(_object: *mut bindings::klp_object) {
    adopt();
    let census = Census::take();
    pr_info!("took over {census}\n");
    trace::takeover(census.groups, census.users);
}

/// All tasks are about to move back to C; under `klp_mutex`.
///
/// # Safety
///
/// From the livepatch core.
unsafe extern "C" fn pre_unpatch(_object: *mut bindings::klp_object) {
    tables::hand_back();
}

/// All tasks have moved back to C; under `klp_mutex`.
///
/// # Safety
///
/// From the livepatch core.
unsafe extern "C" fn post_unpatch(_object: *mut bindings::klp_object) {
    let census = Census::take();
    pr_info!("handed back {census}\n");
    trace::handback(census.groups, census.users);
}
