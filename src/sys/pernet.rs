// SPDX-License-Identifier: GPL-2.0

//! What each network namespace has of ours: settings, counters, files, and work.
//!
//! C headers: `include/net/net_namespace.h`, `include/net/netns/generic.h`

use super::{
    bookmarks::Listing,
    face::Face,
    net::Net,
    objects::{
        Counted,
        NAMESPACES, //
    },
    once::Once,
    owned::Owned,
    proc_files::{
        self,
        File, //
    },
    reconciler::Reconciler,
    settings::Settings,
    stats::Stats, //
};
use crate::{
    bindings,
    decide::admission::Policy, //
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
pub(crate) struct Room(NonNull<PerNet>);

// SAFETY: It may be dropped by any task, and does nothing else.
unsafe impl Send for Room {}

impl Drop for Room {
    fn drop(&mut self) {
        // SAFETY: The namespace has it while there is a group, which is until this is dropped.
        unsafe { self.0.as_ref() }.groups.fetch_sub(1, Relaxed);
    }
}

/// The number by which a namespace has it.
static ID: Owned<c_uint> = Owned::new(0);

/// What those above make of a namespace.
pub(crate) trait Namespace {
    /// The files that each has.
    const FILES: &'static [File];

    /// What may be joined in the first one without privilege, to begin with. Others inherit from it.
    fn first_policy() -> Policy;

    /// Brings groups into line with what has happened. In the namespace's work, see [`Reconciler`].
    fn reconcile(net: &Net);
}

/// How the kernel makes and ends it.
pub(crate) struct Operations(Owned<bindings::pernet_operations>);

impl Operations {
    /// For namespaces of which `N` is made.
    pub(crate) const fn new<N: Namespace>() -> Self {
        Self(Owned::new(bindings::pernet_operations {
            init: Some(begin::<N>),
            exit: Some(end::<N>),
            id: ID.get(),
            size: size_of::<PerNet>(),
            ..pin_init::zeroed()
        }))
    }
}

/// All namespaces have it, until this is dropped. By the invariant of [`Once`] that is while anything of ours
/// has a namespace at hand, but for [`begin()`] and [`end()`] of that one.
///
/// # Invariants
///
/// The operations are registered.
pub(crate) struct AllNets(&'static Operations);

impl AllNets {
    /// Begins in all namespaces that there are, and in each new one.
    pub(crate) fn register(operations: &'static Operations, _once: Once<Self>) -> Result<Self> {
        // SAFETY: They are static and filled in. `_once` shows that no others use the one number there is.
        to_result(unsafe { bindings::register_pernet_subsys(operations.0.get()) })?;
        // INVARIANT: They have just been registered.
        Ok(Self(operations))
    }
}

impl Drop for AllNets {
    fn drop(&mut self) {
        // SAFETY: The operations are registered. The kernel ends it in each namespace.
        unsafe { bindings::unregister_pernet_subsys(self.0 .0.get()) }
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
    pub(crate) fn room(&self) -> Room {
        self.count_room().0
    }

    /// Room for a group, `ENOBUFS` when there are too many (`net.ipv6.anycast6.max_groups`).
    pub(crate) fn room_if_free(&self) -> Result<Room> {
        let (room, others) = self.count_room();
        if others >= self.settings().max_groups() {
            return Err(ENOBUFS);
        }
        Ok(room)
    }

    /// Counts a group. Says how many others there are.
    fn count_room(&self) -> (Room, u32) {
        let others = self.ours().groups.fetch_add(1, Relaxed);
        // INVARIANT: It has just been counted.
        (Room(NonNull::from(self.ours())), others)
    }

    fn ours(&self) -> &PerNet {
        // SAFETY: The namespace is alive and, by the invariant of `Net`, has what is ours.
        unsafe { &*of(self.as_ptr()) }
    }
}

/// What `net` has of ours.
///
/// # Safety
///
/// `net` is alive, and the kernel has called, or calls, [`begin()`] for it.
unsafe fn of(net: *mut bindings::net) -> *mut PerNet {
    // SAFETY: The kernel has set the number before it calls any of the operations.
    unsafe { bindings::anycast6_helper_net_generic(net, *ID.get()) }.cast()
}

/// # Safety
///
/// From the kernel, for a namespace that begins, or that is there when the module comes.
unsafe extern "C" fn begin<N: Namespace>(net: *mut bindings::net) -> c_int {
    // SAFETY: The kernel has allocated the memory, zeroed, and nobody else knows it. Zeroes are valid for all
    // fields but two, which are initialised before there is a `Net` (its invariant).
    let (ours, net) = unsafe {
        let (ours, known) = (of(net), NonNull::new_unchecked(net.cast()));
        pin_init::raw_init(&raw mut (*ours).listing, Listing::new());
        pin_init::raw_init(
            &raw mut (*ours).reconciler,
            Reconciler::new(known, N::reconcile),
        );
        (ours, Net::from_raw(net))
    };
    from_result(|| {
        // SAFETY: `ours` stays until `end()`, or this fails; then what has begun is ended here.
        unsafe {
            Settings::begin(&raw mut (*ours).settings, net, initial_policy::<N>(net))?;
            let undo = |_: &Error| Settings::end(&raw mut (*ours).settings);
            proc_files::begin(net, N::FILES).inspect_err(undo)?;
            (&raw mut (*ours).counted).write(Counted::new());
            (*ours).reconciler.open();
        }
        Ok(0)
    })
}

/// # Safety
///
/// From the kernel, for a namespace that ends, or that is there when the module goes.
unsafe extern "C" fn end<N: Namespace>(net: *mut bindings::net) {
    // SAFETY: `begin()` began both, and nobody looks any more.
    unsafe {
        let ours = of(net);
        (*ours).reconciler.close();
        proc_files::end(Net::from_raw(net), N::FILES);
        Settings::end(&raw mut (*ours).settings);
        (&raw mut (*ours).counted).drop_in_place();
    }
}

/// A new namespace inherits from the first one.
fn initial_policy<N: Namespace>(net: &Net) -> Policy {
    match net.is_first() {
        true => N::first_policy(),
        // SAFETY: The first namespace is there for good, and the kernel begins with it.
        false => unsafe { Net::from_raw(&raw mut bindings::init_net) }
            .settings()
            .policy(),
    }
}
