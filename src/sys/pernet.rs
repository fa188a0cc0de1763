// SPDX-License-Identifier: GPL-2.0

//! What each network namespace has of ours: settings, counters, files, and work.
//!
//! C headers: `include/net/net_namespace.h`, `include/net/netns/generic.h`

use super::{
    face::Face,
    listing::Listing,
    net::Net,
    owned::Owned,
    proc_files,
    reconciler::Reconciler,
    settings::Settings,
    stats::Stats, //
};
use crate::{
    bindings,
    logic::admission::Policy,
    objects::{
        Counted,
        NAMESPACES, //
    },
};
use core::{
    ffi::{
        c_int,
        c_uint, //
    },
    ptr::NonNull,
};
use kernel::{
    error::{
        from_result,
        to_result, //
    },
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    },
};

/// What a namespace has. The kernel allocates it, zeroed, and frees it.
///
/// # Invariants
///
/// From the end of [`begin()`] to [`end()`] all fields are initialised.
#[repr(C)]
pub(crate) struct PerNet {
    settings: Settings,
    stats: Stats,
    listing: Listing,
    groups: Atomic<u32>,
    reconciler: Reconciler,
    counted: Counted<NAMESPACES>,
}

/// That a group is one of those of its namespace.
///
/// # Invariants
///
/// It was counted in `groups` of what it points to. That stays for as long as the namespace has devices,
/// and so groups.
pub(crate) struct Slot(NonNull<PerNet>);

// SAFETY: It may be dropped by any task, and does nothing else.
unsafe impl Send for Slot {}

impl Drop for Slot {
    fn drop(&mut self) {
        // SAFETY: By the invariant.
        unsafe { self.0.as_ref() }.groups.fetch_sub(1, Relaxed);
    }
}

/// The number by which a namespace has it.
static ID: Owned<c_uint> = Owned::new(0);

static OPERATIONS: Owned<bindings::pernet_operations> = Owned::new(bindings::pernet_operations {
    init: Some(begin),
    exit: Some(end),
    id: ID.get(),
    size: size_of::<PerNet>(),
    ..pin_init::zeroed()
});

/// All namespaces have it, until this is dropped.
///
/// # Invariants
///
/// [`OPERATIONS`] are registered.
pub(crate) struct AllNets;

impl AllNets {
    /// Begins in all namespaces that there are, and in each new one.
    pub(crate) fn register() -> Result<Self> {
        // SAFETY: The operations are static, filled in and registered once.
        to_result(unsafe { bindings::register_pernet_subsys(OPERATIONS.get()) })?;
        // INVARIANT: As of now.
        Ok(Self)
    }
}

impl Drop for AllNets {
    fn drop(&mut self) {
        // SAFETY: By the invariant. The kernel ends it in each namespace.
        unsafe { bindings::unregister_pernet_subsys(OPERATIONS.get()) }
    }
}

impl Net {
    /// The module's settings here.
    pub(crate) fn settings(&self) -> &Settings {
        &self.ours().settings
    }

    /// The module's counters here.
    pub(crate) fn stats(&self) -> &Stats {
        &self.ours().stats
    }

    /// How `/proc/net/anycast6` changes here.
    pub(crate) fn listing(&self) -> &Listing {
        &self.ours().listing
    }

    /// What brings groups here into line with what has happened.
    pub(crate) fn reconciler(&self) -> &Reconciler {
        &self.ours().reconciler
    }

    /// Does anybody hold a group here?
    pub(crate) fn has_groups(&self) -> bool {
        self.ours().groups.load(Relaxed) > 0
    }

    /// Room for a group that has to be.
    pub(crate) fn slot(&self) -> Slot {
        self.count_slot().0
    }

    /// Room for a group, `ENOBUFS` when there are too many (`net.ipv6.anycast6.max_groups`).
    pub(crate) fn slot_if_free(&self) -> Result<Slot> {
        let (slot, others) = self.count_slot();
        if others >= self.settings().max_groups() {
            return Err(ENOBUFS);
        }
        Ok(slot)
    }

    /// Counts a group. Says how many others there are.
    fn count_slot(&self) -> (Slot, u32) {
        let others = self.ours().groups.fetch_add(1, Relaxed);
        // INVARIANT: It has just been counted.
        (Slot(NonNull::from(self.ours())), others)
    }

    fn ours(&self) -> &PerNet {
        // SAFETY: The namespace is alive, and nothing that asks is called before [`AllNets`] is
        // registered or after it is dropped.
        unsafe { &*of(self.as_ptr()) }
    }
}

/// What `net` has of ours.
///
/// # Safety
///
/// `net` is alive, and the kernel has called [`begin()`] for it.
unsafe fn of(net: *mut bindings::net) -> *mut PerNet {
    // SAFETY: The kernel has set the number before it calls any of the operations.
    unsafe { bindings::anycast6_helper_net_generic(net, *ID.get()) }.cast()
}

/// # Safety
///
/// From the kernel, for a namespace that begins, or that is there when the module comes.
unsafe extern "C" fn begin(net: *mut bindings::net) -> c_int {
    // SAFETY: As promised; the memory is zeroed and nobody else knows it.
    let (ours, net) = unsafe { (of(net), Net::from_raw(net)) };
    from_result(|| {
        // SAFETY: As above; what has begun is ended before the memory goes.
        unsafe {
            pin_init::raw_init(&raw mut (*ours).listing, Listing::new());
            pin_init::raw_init(&raw mut (*ours).reconciler, Reconciler::new(net));
            Settings::begin(&raw mut (*ours).settings, net, initial_policy(net)?)?;
            let undo = |_: &Error| Settings::end(&raw mut (*ours).settings);
            proc_files::begin(net).inspect_err(undo)?;
            (&raw mut (*ours).counted).write(Counted::new());
            (*ours).reconciler.open();
        }
        Ok(0)
    })
}

/// # Safety
///
/// From the kernel, for a namespace that ends, or that is there when the module goes.
unsafe extern "C" fn end(net: *mut bindings::net) {
    // SAFETY: `begin()` began both, and nobody looks any more.
    unsafe {
        let ours = of(net);
        (*ours).reconciler.close();
        proc_files::end(Net::from_raw(net));
        Settings::end(&raw mut (*ours).settings);
        (&raw mut (*ours).counted).drop_in_place();
    }
}

/// A new namespace inherits from the first one, that one from the module's parameter.
fn initial_policy(net: &Net) -> Result<Policy> {
    let first = Net::first();
    if net == first {
        let number = crate::module_parameters::admission.value();
        return Policy::new(number)
            .ok_or(EINVAL)
            .inspect_err(|_| pr_err!("not loaded: admission={number} is none of 0, 1, 2\n"));
    }
    Ok(first.settings().policy())
}
